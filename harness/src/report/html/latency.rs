//! How long answers took, by operation.

use std::collections::BTreeMap;

use crate::report::{model::Report, operation::operation};

/// How wide a bar is, in the units of the drawing, and where it begins.
const WIDTH: u64 = 400;
const START: u64 = 305;
/// How high a row is.
const ROW: usize = 26;
/// How many operations are shown: those with the most requests.
const MOST: usize = 20;

/// One operation, ready to be drawn.
pub(super) struct Row {
    pub operation: String,
    pub count: usize,
    pub said: String,
    pub median: u64,
    pub high: u64,
    pub most: u64,
    pub top: usize,
    pub bottom: usize,
    pub text: usize,
}

/// The operations of a run, those with the most requests, ordered by name.
pub(super) fn rows(report: &Report) -> Vec<Row> {
    let bases: Vec<&str> = report.target.url.split(", ").collect();
    let mut times: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for exchange in report.cases.iter().flat_map(|case| &case.exchanges) {
        if exchange.response.is_some() {
            let operation = operation(&exchange.request.method, &exchange.request.url, &bases);
            times
                .entry(operation)
                .or_default()
                .push(exchange.milliseconds);
        }
    }
    let mut operations: Vec<(String, Vec<u64>)> = times.into_iter().collect();
    operations.sort_by_key(|(_, times)| std::cmp::Reverse(times.len()));
    operations.truncate(MOST);
    operations.sort();
    let slowest = operations.iter().flat_map(|(_, times)| times).max();
    let slowest = slowest.copied().unwrap_or_default().max(1);
    let rows = operations.into_iter().enumerate();
    rows.map(|(index, (operation, times))| row(index, operation, times, slowest))
        .collect()
}

/// How high the drawing is.
pub(super) fn height(rows: &[Row]) -> usize {
    rows.len() * ROW + 4
}

fn row(index: usize, operation: String, mut times: Vec<u64>, slowest: u64) -> Row {
    times.sort_unstable();
    let (median, high, most) = (at(&times, 50), at(&times, 95), at(&times, 100));
    let scale = |time: u64| time.saturating_mul(WIDTH) / slowest;
    let top = index * ROW + 7;
    Row {
        operation,
        count: times.len(),
        said: format!("{median} · {high} · {most}"),
        median: scale(median).max(1),
        high: scale(high).max(1),
        most: START + scale(most),
        top,
        bottom: top + 12,
        text: top + 11,
    }
}

/// The time that this many of a hundred answers did not exceed.
fn at(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<u64> = (1..=20).collect();
        assert_eq!(
            (at(&times, 50), at(&times, 95), at(&times, 100)),
            (10, 19, 20)
        );
        assert_eq!((at(&[7], 50), at(&[7], 95), at(&[], 50)), (7, 7, 0));
    }
}
