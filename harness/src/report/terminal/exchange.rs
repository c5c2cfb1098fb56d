//! An exchange in full, as curl's `-v` shows it.

use crate::{
    diagnostic::printable,
    exchange::Exchange,
    report::{group::Group, phrase},
};

/// How much of a body is shown, in characters.
const LONGEST_BODY: usize = 2000;

/// The exchange that shows the first finding of a group.
pub(super) fn of_group(group: &Group<'_>) -> Option<String> {
    let (case, finding) = group.shown.first()?;
    Some(text(phrase::exchange(case, finding)?))
}

fn text(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let head = format!("{} {}", request.method, request.url);
    let mut lines = part('>', &head, &request.headers, request.body.as_deref());
    let answer = exchange.response.as_ref();
    lines.extend(part(
        '<',
        &phrase::answer(exchange),
        answer.map_or(&[], |answer| &answer.headers),
        answer.map(|answer| answer.body.as_str()),
    ));
    lines.join("\n")
}

fn part(mark: char, head: &str, headers: &[(String, String)], body: Option<&str>) -> Vec<String> {
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let mut text: Vec<String> = [head.to_owned()].into_iter().chain(headers).collect();
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        text.extend([String::new(), cut(body)]);
    }
    let text = printable(&text.join("\n"));
    text.lines()
        .map(|line| format!("{mark} {line}").trim_end().to_owned())
        .collect()
}

fn cut(body: &str) -> String {
    match body.char_indices().nth(LONGEST_BODY) {
        Some((end, _)) => {
            let more = body[end..].chars().count();
            format!(
                "{}\n… {more} more characters: see the JSON report",
                &body[..end]
            )
        }
        None => body.to_owned(),
    }
}
