//! Judges a walk over the pages of a list, as an import does it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Breach, Judgement, expectation::judgement, shown};
use crate::{
    exchange::Answer,
    scenario::{Step, Subject, Walk},
    template::{Names, Undefined, fill_value},
};

/// After so many pages in a row that bring nothing new, cursors are taken to lead to no end.
const MOST_IDLE: usize = 10;
/// The order of so many ids is kept.
const MOST_ORDERED: usize = 1000;

/// What is kept of the pages of one walk, so that a list of any length can be walked.
#[derive(Debug, Default)]
pub struct Pages {
    /// Whether each page was found by the cursor of the one before (RFC 9865).
    by_cursor: bool,
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
    /// The first ids, in their order.
    order: Vec<String>,
    /// `previousCursor` of the first page, `nextCursor` of the last one.
    previous: Option<Value>,
    next: Option<Value>,
    /// How many pages at the end brought nothing new.
    idle: usize,
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

    /// A walk from cursor to cursor.
    pub fn by_cursor(asked: usize) -> Self {
        Self {
            by_cursor: true,
            ..Self::new(asked)
        }
    }

    /// Takes the next page.
    pub fn see(&mut self, page: &Answer) {
        let found: Vec<String> = ids(page).map(str::to_owned).collect();
        self.see_total(page);
        self.next = member(page, "nextCursor").cloned();
        if self.first.is_none() {
            self.total = total(page);
            self.previous = member(page, "previousCursor").cloned();
            self.first = Some(found.clone());
        } else if self.last < self.asked {
            self.short.get_or_insert(self.last);
        }
        self.last = found.len();
        self.came += found.len();
        self.idle = match found.iter().all(|id| self.ids.contains(id)) {
            true => self.idle + 1,
            false => 0,
        };
        for id in found {
            if self.order.len() < MOST_ORDERED {
                self.order.push(id.clone());
            }
            if self.twice.is_none() && self.ids.contains(&id) {
                self.twice = Some(id.clone());
            }
            self.ids.insert(id);
        }
    }

    /// Takes the first page, read again after the walk.
    pub fn see_again(&mut self, page: &Answer) {
        self.see_total(page);
        self.again = Some(ids(page).map(str::to_owned).collect());
    }

    /// Pages by cursor may leave the number out (RFC 9865 section 2).
    fn see_total(&mut self, page: &Answer) {
        let total = total(page);
        if total.is_some() || !self.by_cursor {
            self.totals.insert(total);
        }
    }

    /// The cursor of the page after the last one that was seen, if there is one.
    pub fn next_cursor(&self) -> Option<&str> {
        let cursor = self.next.as_ref()?.as_str()?;
        (!cursor.is_empty()).then_some(cursor)
    }

    /// Whether the cursors lead nowhere any more.
    pub fn is_stuck(&self) -> bool {
        self.idle >= MOST_IDLE
    }

    /// Ends the walk: it went to the end of the list, or not.
    pub fn end(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// Whether the list stayed as long as it was during the walk; if not, others changed it and
    /// nothing can be said of its order or completeness.
    pub fn are_comparable(&self) -> bool {
        self.totals.len() <= 1
    }
}

/// The judgements on a walk.
pub fn judge(step: &Step, walk: &Pages, names: &Names) -> Result<Vec<Judgement>, Undefined> {
    let mut judgements = Vec::new();
    let short = full(walk);
    let skips = short.is_some() && !walk.by_cursor;
    for expectation in &step.expect {
        let mut leeway = None;
        let breach = match &expectation.subject {
            Subject::Pages(Walk::Full) => short.clone(),
            Subject::Pages(Walk::Disjoint) => disjoint(walk),
            Subject::Pages(Walk::Steady) => steady(walk),
            // A provider may cap its pages; a walk by a fixed step then skips resources, which the
            // short page has told already.
            Subject::Pages(Walk::Complete) | Subject::PagesHold(_) | Subject::PagesOrder(_)
                if skips || !walk.whole =>
            {
                continue;
            }
            Subject::Pages(Walk::Complete) if walk.total.is_none() && walk.by_cursor => continue,
            Subject::Pages(Walk::Complete) => complete(walk),
            Subject::PagesHold(wanted) => holds(walk, &fill_value(wanted, names)?),
            Subject::PagesOrder(wanted) => order(walk, &fill_value(wanted, names)?),
            Subject::Pages(Walk::Begins) => {
                leeway = empty(walk.previous.as_ref());
                begins(walk)
            }
            Subject::Pages(Walk::Ends) => {
                leeway = empty(walk.next.as_ref());
                ends(walk)
            }
            Subject::Status(_) | Subject::Header(..) | Subject::Body(..) => continue,
        };
        let judgement = judgement(step, expectation, breach);
        judgements.push(Judgement {
            leeway: leeway.map(Into::into).or(judgement.leeway),
            ..judgement
        });
    }
    Ok(judgements)
}

/// A cursor that is there without a value leads nowhere.
fn empty(cursor: Option<&Value>) -> Option<&'static str> {
    let is_empty = cursor.is_some_and(|cursor| cursor.is_null() || cursor == "");
    is_empty.then_some("a cursor of null or \"\" leads nowhere, as if it were not there")
}

fn begins(walk: &Pages) -> Option<Breach> {
    let cursor = shown(Some(walk.previous.as_ref()?));
    Some(Breach::new(
        format!("`/previousCursor` of the first page is {cursor}"),
        "no previousCursor",
        cursor,
    ))
}

/// Of a list that is longer than the walk was allowed to go nothing is said.
fn ends(walk: &Pages) -> Option<Breach> {
    let cursor = shown(Some(walk.next.as_ref()?));
    if walk.is_stuck() {
        return Some(Breach::new(
            "the cursors lead to no last page",
            "a last page, without nextCursor",
            format!(
                "{MOST_IDLE} pages in a row that bring nothing new, the last with the nextCursor {cursor}"
            ),
        ));
    }
    walk.whole.then(|| {
        Breach::new(
            format!("`/nextCursor` of the last page is {cursor}"),
            "no nextCursor",
            cursor,
        )
    })
}

fn order(walk: &Pages, wanted: &Value) -> Option<Breach> {
    let came = Value::from(walk.order.clone());
    (came != *wanted).then(|| {
        Breach::new(
            "the resources of the pages come in another order",
            shown(Some(wanted)),
            shown(Some(&came)),
        )
    })
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
    member(page, "totalResults")?.as_i64()
}

fn member<'a>(page: &'a Answer, name: &str) -> Option<&'a Value> {
    page.json.as_ref()?.get(name)
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

    fn linked(ids: &[&str], links: Value) -> Answer {
        let mut page = page(3, ids);
        let body = page.json.as_mut().and_then(Value::as_object_mut);
        body.unwrap().extend(links.as_object().unwrap().clone());
        page
    }

    #[test]
    fn cursors_begin_and_end() {
        let judged = |pages: Vec<Answer>| {
            let mut walk = Pages::by_cursor(2);
            pages.iter().for_each(|page| walk.see(page));
            walk.end(walk.next_cursor().is_none());
            let lenient = empty(walk.previous.as_ref()).or(empty(walk.next.as_ref()));
            (
                begins(&walk).is_some(),
                ends(&walk).is_some(),
                lenient.is_some(),
            )
        };
        let next = |ids: &[&str]| linked(ids, json!({"nextCursor": "x"}));
        let previous = |cursor: Value| linked(&["b"], json!({"previousCursor": cursor}));
        let idle = vec![next(&["a"]); MOST_IDLE + 1];
        for (pages, expected) in [
            (vec![next(&["a"]), page(3, &["b"])], (false, false, false)),
            (
                vec![next(&["a"]), previous(json!("x"))],
                (false, false, false),
            ),
            (vec![previous(json!("x"))], (true, false, false)),
            (vec![previous(Value::Null)], (true, false, true)),
            (
                vec![next(&["a"]), linked(&["b"], json!({"nextCursor": ""}))],
                (false, true, true),
            ),
            (
                vec![next(&["a"]), next(&[]), next(&["b"])],
                (false, false, false),
            ),
            (idle, (false, true, false)),
        ] {
            assert_eq!(judged(pages.clone()), expected, "{pages:?}");
        }
    }

    #[test]
    fn pages_by_cursor_may_be_short_and_leave_the_number_out() {
        let mut walk = Pages::by_cursor(2);
        for ids in [["a"], ["b"]] {
            let mut page = page(2, &ids);
            page.json
                .as_mut()
                .and_then(Value::as_object_mut)
                .unwrap()
                .shift_remove("totalResults");
            walk.see(&page);
        }
        walk.end(true);
        assert!(walk.are_comparable());
        assert_eq!(holds(&walk, &json!(["a", "b"])), None);
    }

    #[test]
    fn the_order_of_all_pages_is_seen() {
        let pages = [page(3, &["a", "b"]), page(3, &["c"])];
        let walk = walk(&pages, &page(3, &[]));
        assert_eq!(order(&walk, &json!(["a", "b", "c"])), None);
        assert!(order(&walk, &json!(["a", "c", "b"])).is_some());
    }

    #[test]
    fn a_list_that_others_changed_meanwhile_is_not_comparable() {
        let pages = [page(3, &["a"]), page(2, &["b"])];
        let again = page(3, &["a"]);
        assert!(!walk(&pages, &again).are_comparable());
    }
}
