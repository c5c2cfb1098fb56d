//! Judges a walk over the pages of a list, as an import does it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Breach, Judgement, expectation::judgement};
use crate::{
    exchange::Answer,
    scenario::{Step, Subject, Walk},
    template::{Names, Undefined, fill_value},
};

/// What is kept of the pages of one walk, so that a list of any length can be walked.
#[derive(Debug, Default)]
pub struct Pages {
    /// How many resources a page was asked to hold.
    asked: usize,
    /// Whether the walk went to the end of the list.
    whole: bool,
    /// What the pages said that the list holds, the first page alone and all of them.
    total: Option<i64>,
    totals: BTreeSet<Option<i64>>,
    /// Ids of the first page, and of the same page read again after the walk.
    first: Option<Vec<String>>,
    again: Option<Vec<String>>,
    /// Every id, and the first that came twice.
    ids: BTreeSet<String>,
    twice: Option<String>,
    /// How many resources came, in all and on the last page, and how many on the first short page
    /// before it.
    came: usize,
    last: usize,
    short: Option<usize>,
}

impl Pages {
    /// A walk whose pages were asked to hold so many resources.
    pub fn new(asked: usize) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    /// Takes the next page.
    pub fn see(&mut self, page: &Answer) {
        let found: Vec<String> = ids(page).map(str::to_owned).collect();
        self.totals.insert(total(page));
        if self.first.is_none() {
            self.total = total(page);
            self.first = Some(found.clone());
        } else if self.last < self.asked {
            self.short.get_or_insert(self.last);
        }
        self.last = found.len();
        self.came += found.len();
        for id in found {
            if self.twice.is_none() && self.ids.contains(&id) {
                self.twice = Some(id.clone());
            }
            self.ids.insert(id);
        }
    }

    /// Takes the first page, read again after the walk.
    pub fn see_again(&mut self, page: &Answer) {
        self.totals.insert(total(page));
        self.again = Some(ids(page).map(str::to_owned).collect());
    }

    /// Ends the walk: it went to the end of the list, or not.
    pub fn end(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// Whether the list stayed as long as it was during the walk; if not, others changed it and
    /// nothing can be said of its order or completeness.
    pub fn are_comparable(&self) -> bool {
        self.totals.len() == 1
    }
}

/// The judgements on a walk.
pub fn judge(step: &Step, walk: &Pages, names: &Names) -> Result<Vec<Judgement>, Undefined> {
    let mut judgements = Vec::new();
    let short = full(walk);
    for expectation in &step.expect {
        let breach = match &expectation.subject {
            Subject::Pages(Walk::Full) => short.clone(),
            Subject::Pages(Walk::Disjoint) => disjoint(walk),
            Subject::Pages(Walk::Steady) => steady(walk),
            // A provider may cap its pages; a walk by a fixed step then skips resources, which the
            // short page has told already.
            Subject::Pages(Walk::Complete) | Subject::PagesHold(_)
                if short.is_some() || !walk.whole =>
            {
                continue;
            }
            Subject::Pages(Walk::Complete) => complete(walk),
            Subject::PagesHold(wanted) => holds(walk, &fill_value(wanted, names)?),
            Subject::Status(_) | Subject::Header(..) | Subject::Body(..) => continue,
        };
        judgements.push(judgement(step, expectation, breach));
    }
    Ok(judgements)
}

fn disjoint(walk: &Pages) -> Option<Breach> {
    let twice = walk.twice.as_ref()?;
    Some(Breach::new(
        "a resource comes on two pages",
        "every resource once",
        format!("the id {twice:?} twice"),
    ))
}

fn complete(walk: &Pages) -> Option<Breach> {
    let total = walk.total.unwrap_or(0);
    let came = i64::try_from(walk.came).unwrap_or(i64::MAX);
    let breach = || {
        Breach::new(
            "the pages do not hold what totalResults says",
            format!("{total} resources"),
            format!("{came} resources"),
        )
    };
    (came != total).then(breach)
}

fn full(walk: &Pages) -> Option<Breach> {
    let short = walk.short?;
    Some(Breach::new(
        "a page that is not the last is not full",
        format!("{} resources", walk.asked),
        format!("{short} resources"),
    ))
}

fn steady(walk: &Pages) -> Option<Breach> {
    let (first, again) = (walk.first.as_ref()?, walk.again.as_ref()?);
    let breach = || {
        Breach::new(
            "the first page, read again, is another",
            "the same resources in the same order",
            "another order or other resources",
        )
    };
    (first != again).then(breach)
}

fn holds(walk: &Pages, wanted: &Value) -> Option<Breach> {
    let wanted: Vec<&str> = match wanted {
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|id| !walk.ids.contains(*id))
        .collect();
    let example = missing.first()?;
    let actual = format!(
        "{} of {} missing, such as {example:?}",
        missing.len(),
        wanted.len()
    );
    Some(Breach::new(
        "the walk misses resources",
        "every resource that was created for it",
        actual,
    ))
}

fn total(page: &Answer) -> Option<i64> {
    page.json.as_ref()?.get("totalResults")?.as_i64()
}

fn ids(page: &Answer) -> impl Iterator<Item = &str> {
    let resources = page
        .json
        .as_ref()
        .and_then(|body| body.get("Resources")?.as_array());
    resources
        .into_iter()
        .flatten()
        .filter_map(|resource| resource.get("id")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(total: i64, ids: &[&str]) -> Answer {
        let resources: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        Answer {
            status: 200,
            json: Some(json!({"totalResults": total, "Resources": resources})),
            ..Answer::default()
        }
    }

    fn walk(pages: &[Answer], again: &Answer) -> Pages {
        let mut walk = Pages::new(2);
        pages.iter().for_each(|page| walk.see(page));
        walk.see_again(again);
        walk.end(true);
        walk
    }

    #[test]
    fn a_clean_walk_breaks_nothing() {
        let pages = [page(3, &["a", "b"]), page(3, &["c"])];
        let again = page(3, &["a", "b"]);
        let walk = walk(&pages, &again);
        assert!(walk.are_comparable());
        assert_eq!(
            [
                disjoint(&walk),
                complete(&walk),
                full(&walk),
                steady(&walk),
                holds(&walk, &json!(["a", "c"]))
            ],
            [const { None }; 5]
        );
    }

    #[test]
    fn each_fault_of_a_walk_is_seen() {
        let pages = [page(4, &["a"]), page(4, &["a", "c"])];
        let again = page(4, &["c"]);
        let walk = walk(&pages, &again);
        assert_eq!(disjoint(&walk).unwrap().actual, "the id \"a\" twice");
        assert_eq!(complete(&walk).unwrap().actual, "3 resources");
        assert_eq!(full(&walk).unwrap().actual, "1 resources");
        assert!(steady(&walk).is_some());
        assert_eq!(
            holds(&walk, &json!(["a", "x", "y"])).unwrap().actual,
            "2 of 3 missing, such as \"x\""
        );
    }

    #[test]
    fn a_list_that_others_changed_meanwhile_is_not_comparable() {
        let pages = [page(3, &["a"]), page(2, &["b"])];
        let again = page(3, &["a"]);
        assert!(!walk(&pages, &again).are_comparable());
    }
}
