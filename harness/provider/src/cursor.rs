//! Cursors (RFC 9865): the result of a query is kept, and a cursor is a place in it.
//!
//! A cursor says nothing and cannot be made up: it is random, and what it stands for stays here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::query::Query;
use crate::switch::Switch;

/// What a query found, for as long as it is paged through.
#[derive(Debug)]
pub(crate) struct Found {
    /// The ids of all matches in their order.
    pub(crate) ids: Vec<String>,
    /// The query, without its cursor.
    pub(crate) query: Query,
    /// Where it was sent.
    pub(crate) endpoint: &'static str,
}

/// The cursors that were given out.
#[derive(Debug, Default)]
pub(crate) struct Cursors(Mutex<HashMap<String, Bookmark>>);

#[derive(Debug)]
struct Bookmark {
    found: Arc<Found>,
    offset: usize,
    given: Instant,
}

/// After so many more cursors the old ones are thrown away.
const CLEANED_EVERY: usize = 256;

impl Cursors {
    /// A cursor for the page that begins at this offset.
    pub(crate) fn give(&self, config: &Config, found: &Arc<Found>, offset: usize) -> String {
        let timeout = config.cursor_timeout;
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if given.len() % CLEANED_EVERY == CLEANED_EVERY - 1 {
            // Kept beyond its time, so that an expired cursor can be told from one never given.
            given.retain(|_, bookmark| bookmark.given.elapsed() < 2 * timeout);
        }
        let mut cursor = Uuid::new_v4().to_string();
        if config.has(Switch::CursorNotUrlSafe) {
            cursor.push_str("+/=");
        }
        let bookmark = Bookmark {
            found: Arc::clone(found),
            offset,
            given: Instant::now(),
        };
        given.insert(cursor.clone(), bookmark);
        cursor
    }

    /// The result and the offset that a cursor of this query stands for.
    pub(crate) fn find(
        &self,
        cursor: &str,
        query: &Query,
        endpoint: &str,
        timeout: Duration,
    ) -> Result<(Arc<Found>, usize)> {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bookmark = given
            .get(cursor)
            .filter(|bookmark| bookmark.found.is_of(query, endpoint))
            .ok_or_else(|| {
                Error::bad(ScimType::InvalidCursor, "no page is known by this cursor")
            })?;
        if bookmark.given.elapsed() > timeout {
            return Err(Error::bad(
                ScimType::ExpiredCursor,
                "the cursor has expired, begin again without one",
            ));
        }
        if bookmark.found.query.count != query.count {
            return Err(Error::bad(
                ScimType::InvalidCount,
                "count must be the same for all pages",
            ));
        }
        Ok((Arc::clone(&bookmark.found), bookmark.offset))
    }
}

impl Found {
    /// Whether it answers this query; count has an error of its own.
    fn is_of(&self, query: &Query, endpoint: &str) -> bool {
        let mut query = query.clone();
        query.cursor = None;
        query.count = self.query.count;
        self.endpoint == endpoint && self.query == query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn found(query: &Query) -> Arc<Found> {
        Arc::new(Found {
            ids: Vec::new(),
            query: query.clone(),
            endpoint: "Users",
        })
    }

    fn refusal(result: Result<(Arc<Found>, usize)>) -> Option<ScimType> {
        result.err().and_then(|error| error.scim_type)
    }

    #[test]
    fn a_cursor_is_good_for_its_own_query_and_time() {
        let cursors = Cursors::default();
        let query = Query {
            count: Some(2),
            ..Query::default()
        };
        let cursor = cursors.give(&Config::default(), &found(&query), 4);
        let find =
            |query: &Query, endpoint, timeout| cursors.find(&cursor, query, endpoint, timeout);
        let (_, offset) = find(&query, "Users", HOUR).unwrap();
        assert_eq!(offset, 4);
        assert_eq!(
            refusal(find(&query, "Users", Duration::ZERO)),
            Some(ScimType::ExpiredCursor)
        );
        assert_eq!(
            refusal(find(&query, "Groups", HOUR)),
            Some(ScimType::InvalidCursor)
        );
        let sorted = Query {
            descending: Some(true),
            ..query.clone()
        };
        assert_eq!(
            refusal(find(&sorted, "Users", HOUR)),
            Some(ScimType::InvalidCursor)
        );
        let longer = Query {
            count: Some(3),
            ..query.clone()
        };
        assert_eq!(
            refusal(find(&longer, "Users", HOUR)),
            Some(ScimType::InvalidCount)
        );
    }

    #[test]
    fn old_cursors_are_thrown_away() {
        let cursors = Cursors::default();
        let query = Query::default();
        let config = Config {
            cursor_timeout: Duration::ZERO,
            ..Config::default()
        };
        for _ in 0..3 * CLEANED_EVERY {
            cursors.give(&config, &found(&query), 0);
        }
        assert!(cursors.0.lock().unwrap().len() <= CLEANED_EVERY);
    }
}
