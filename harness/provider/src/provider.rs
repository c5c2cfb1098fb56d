//! The provider: takes a request apart, checks who sends it and hands it on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::config::{Config, Version};
use crate::error::{Error, Result};
use crate::exchange::{Body, Call, InBulk, Outcome};
use crate::list::Lists;
use crate::message::{Request, Response};
use crate::query::Query;
use crate::route::Route;
use crate::schema::{Dialect, Kind, urn};
use crate::store::Store;
use crate::switch::Switch;
use crate::variants;
use crate::{auth, bulk, crud_faults, discovery, list, seed};

/// The most bytes of a body; a bulk job has a limit of its own.
const MOST_BYTES: usize = 1_048_576;

/// A SCIM service provider over a store in memory; clones share the store.
#[derive(Clone, Debug)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    dialect: &'static Dialect,
    base: RwLock<String>,
    store: Mutex<Store>,
    lists: Lists,
    /// Who answers another tenant: a provider of its own.
    other: Option<Provider>,
    /// Counts answers with a resource, for the variant that orders values differently.
    shown: AtomicUsize,
}

impl Provider {
    /// A provider without users and groups.
    pub fn new(config: Config) -> Self {
        let other = config.other_tenant.clone().map(|auth| {
            Self::new(Config {
                auth,
                barred: None,
                other_tenant: None,
                ..config.clone()
            })
        });
        let mut store = Store::default();
        seed::entitlements(&mut store, config.kinds());
        let inner = Inner {
            dialect: Dialect::of_config(&config),
            base: RwLock::new(config.base.trim_end_matches('/').to_owned()),
            store: Mutex::new(store),
            lists: Lists::default(),
            other,
            shown: AtomicUsize::new(0),
            config,
        };
        Self(Arc::new(inner))
    }

    /// Sets the absolute base URL of locations, once it is known where the provider listens.
    pub fn set_base(&self, base: String) {
        let trimmed = base.trim_end_matches('/');
        trimmed.clone_into(&mut self.0.base.write().unwrap_or_else(PoisonError::into_inner));
        if let Some(other) = &self.0.other {
            other.set_base(base);
        }
    }

    /// Fills the store with realistic users, some of them inactive, and a few groups.
    pub fn seed(&self, users: usize) {
        seed::fill(&mut self.store(), self.dialect(), users);
    }

    /// Answers a request.
    pub fn handle(&self, request: &Request) -> Response {
        match self.config().like {
            Some(like) => like.answer(self, request),
            None => self.plain(request),
        }
    }

    /// Answers a request as the provider that it is.
    pub(crate) fn plain(&self, request: &Request) -> Response {
        let version = self.config().version;
        let response = match self.of_tenant(request).answer(request) {
            Ok(outcome) => outcome.into_response(version),
            Err(error) => self.echoing(request, error).into_response(version),
        };
        let response = variants::located(self.config(), response);
        let response = self.telling(request, response);
        crud_faults::strengthen(self.config(), response)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        self.0.dialect
    }

    /// The store; a panic elsewhere leaves it whole, as every change is made in one step.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many resources were shown before.
    pub(crate) fn turn(&self) -> usize {
        self.0.shown.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn base(&self) -> String {
        self.0
            .base
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// `passwords-echoed`.
    fn echoing(&self, request: &Request, error: Error) -> Error {
        let body = String::from_utf8_lossy(&request.body);
        match body.contains("password") && self.config().has(Switch::PasswordsEchoed) {
            true => Error {
                detail: format!("{}: {body}", error.detail),
                ..error
            },
            false => error,
        }
    }

    /// `passwords-in-headers`.
    fn telling(&self, request: &Request, mut response: Response) -> Response {
        if self.config().has(Switch::PasswordsInHeaders) {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let password = body.get("password").and_then(Value::as_str);
            let told = password.map(|password| ("X-Password".to_owned(), password.to_owned()));
            response.headers.extend(told);
        }
        response
    }

    /// Who answers for the tenant whose credential a request carries.
    fn of_tenant(&self, request: &Request) -> &Self {
        let credential = request.header("Authorization").unwrap_or_default();
        let other = self.0.other.as_ref();
        other
            .filter(|other| auth::is_known(&other.config().auth, credential))
            .filter(|_| !self.crosses_tenants(request))
            .unwrap_or(self)
    }

    /// `tenants-share-store`, `ids-cross-tenants` and `puts-cross-tenants`.
    fn crosses_tenants(&self, request: &Request) -> bool {
        let path = request.target.split('?').next().unwrap_or_default();
        let by_id = || matches!(self.route(path), Some(Route::Resource(..)));
        self.config().has(Switch::TenantsShareStore)
            || self.config().has(Switch::IdsCrossTenants) && by_id()
            || self.config().has(Switch::PutsCrossTenants) && request.method == "PUT" && by_id()
    }

    fn answer(&self, request: &Request) -> Result<Outcome> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let route = self.route(path);
        let is_open = route.as_ref().is_some_and(Route::is_public)
            && !self.config().has(Switch::DiscoveryNeedsCredentials)
            || query.contains("cursor=") && self.config().has(Switch::CursorOpensDoors);
        if !is_open {
            auth::check(self.config(), request.header("Authorization"))?;
        }
        let route = route.ok_or_else(|| Error::not_found("endpoint"))?;
        let own = self.config().version.media_type();
        crud_faults::check_accept(self.config(), request.header("Accept"), own)?;
        check_media_type(request)?;
        let late = request.body.len() > MOST_BYTES && self.config().has(Switch::SizeCheckedLast);
        if !late {
            self.check_size(request)?;
        }
        let call = Call {
            method: self.method(request),
            params: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            if_match: request.header("If-Match"),
            if_none_match: request.header("If-None-Match"),
            body: Body::Bytes(&request.body),
            bulk: InBulk::default(),
        };
        let outcome = self.dispatch(&route, &call)?;
        self.check_size(request)?;
        Ok(outcome)
    }

    fn check_size(&self, request: &Request) -> Result<()> {
        if request.body.len() <= MOST_BYTES || self.config().has(Switch::BodiesUnlimited) {
            return Ok(());
        }
        let detail = format!("a body has {MOST_BYTES} bytes at most");
        Err(Error::new(413, detail))
    }

    /// SCIM 1.1 section 3.12: a POST may stand for PUT, PATCH or DELETE.
    fn method<'r>(&self, request: &'r Request) -> &'r str {
        let tunnels = self.config().version == Version::V1 && request.method == "POST";
        match request.header("X-HTTP-Method-Override") {
            Some(method @ ("PUT" | "PATCH" | "DELETE")) if tunnels => method,
            _ => &request.method,
        }
    }

    /// Where a path below the base URL leads.
    pub(crate) fn route(&self, path: &str) -> Option<Route> {
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        // SCIM 1.1 section 3.6: a suffix may name the format.
        if let (Version::V1, Some(last)) = (self.config().version, segments.last_mut())
            && let Some(bare) = last.strip_suffix(".json")
        {
            *last = bare.to_owned();
        }
        Route::find(self.config(), &segments)
    }

    /// Carries out a request, or an operation of a bulk job.
    pub(crate) fn dispatch(&self, route: &Route, call: &Call<'_>) -> Result<Outcome> {
        let Some(allow) = route.allow() else {
            return Err(no_me());
        };
        if !allow.split(", ").any(|method| method == call.method) {
            return Err(Error::method_not_allowed(call.method, allow));
        }
        match (route, call.method) {
            (Route::Root, _) => self.query(None, &self.asked(call)?),
            (Route::Search(kind), _) => {
                let mut query = Query::from_search(&call.message(urn::SEARCH)?)?;
                query.finds_deleted = self.config().has(Switch::DeletedUsersSearched);
                self.query(*kind, &query)
            }
            (Route::Collection(_), "GET")
                if call.params.is_empty() && self.config().has(Switch::WholeListRefused) =>
            {
                Err(Error::new(
                    400,
                    "a list has to be asked for with a filter or a count",
                ))
            }
            (Route::Collection(kind), "GET") => self.query(Some(*kind), &self.asked(call)?),
            (Route::Collection(kind), _) => self.create(*kind, call),
            (Route::Resource(kind, id), "GET") => self.read(*kind, id, call),
            (Route::Resource(kind, id), "PUT") => self.replace(*kind, id, call),
            (Route::Resource(kind, id), "PATCH") => self.patch(*kind, id, call),
            (Route::Resource(kind, id), _) => self.delete(*kind, id, call),
            (Route::Bulk, _) => bulk::run(self, call),
            (Route::Config | Route::ResourceTypes(_) | Route::Schemas(_), _) => {
                discovery::answer(self, route, call)
            }
            (Route::Me, _) => Err(no_me()),
        }
    }

    /// What a URL asks for.
    fn asked(&self, call: &Call<'_>) -> Result<Query> {
        Query::from_params(&variants::heeded(self.config(), &call.params))
    }

    fn query(&self, kind: Option<Kind>, query: &Query) -> Result<Outcome> {
        let store = self.store();
        let base = self.base();
        let view = self.view(&store, &base);
        list::run(self.config(), view, kind, query, &self.0.lists)
    }

    /// The error for an id that is not there.
    pub(crate) fn missing(&self, kind: Kind, id: &str) -> Error {
        match self.config().has(Switch::UnknownIdIsServerError) {
            true => Error::new(500, "internal error"),
            false => Error::not_found(&format!("{} {id}", kind.name())),
        }
    }
}

/// Bodies are JSON; a body without a media type is taken for JSON too.
fn check_media_type(request: &Request) -> Result<()> {
    let Some(media_type) = request.header("Content-Type") else {
        return Ok(());
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let known = ["application/scim+json", "application/json"];
    if request.body.is_empty()
        || known
            .iter()
            .any(|known| essence.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    Err(Error::new(
        415,
        format!("{essence} is not supported, send application/scim+json"),
    ))
}

/// RFC 7644 section 3.11.
fn no_me() -> Error {
    Error::new(501, "the /Me alias is not supported")
}
