//! The sandbox's own page and the calls behind it, which tests and other processes use too.
//!
//! They need no token, so they answer only to callers that name a loopback host: a web page from elsewhere that has
//! its own name resolved to 127.0.0.1 gets nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Faults, SandboxError, ledger, state::Shared, tally::Counts};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// How many minutes of history the counts go back.
const MINUTES: i64 = 60;
const MOST_LISTED: u32 = 1000;

type Held = State<Arc<Shared>>;
type Answer<T> = Result<Json<T>, SandboxError>;

/// `/` and everything under `/sandbox`.
pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/sandbox/reports", get(reports))
        .route("/sandbox/reports/{id}", get(report))
        .route("/sandbox/reports/{id}/body", get(body))
        .route("/sandbox/counts", get(counts))
        .route("/sandbox/ids", get(ids))
        .route("/sandbox/faults", get(faults).post(set_faults))
        .route("/sandbox/outage", post(outage))
        .layer(from_fn(guard))
        .with_state(shared)
}

async fn guard(request: Request, next: Next) -> Response {
    if !names_loopback(request.headers()) {
        return (StatusCode::FORBIDDEN, "The sandbox's page answers only at 127.0.0.1 and localhost.").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn names_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

/// The one page, with its style and script inside; only what carries this answer's nonce is let run.
async fn page() -> Response {
    let nonce = Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = PAGE.replace("{{nonce}}", &nonce).replace("{{style}}", STYLE).replace("{{script}}", SCRIPT);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

#[derive(Deserialize)]
#[serde(default)]
struct Listing {
    search: String,
    limit: u32,
    offset: u32,
}

impl Default for Listing {
    fn default() -> Self {
        Listing { search: String::new(), limit: 50, offset: 0 }
    }
}

async fn reports(State(shared): Held, Query(listing): Query<Listing>) -> Answer<Value> {
    let limit = listing.limit.min(MOST_LISTED);
    let query = ledger::Query { search: listing.search, limit, offset: listing.offset };
    let mut rows = shared.ledger.ask(move |book| book.list(&query)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(Json(json!({ "reports": rows, "more": more })))
}

async fn report(State(shared): Held, Path(id): Path<Uuid>) -> Result<Response, SandboxError> {
    let row = shared.ledger.ask(move |book| book.report(id)).await?;
    Ok(row.map_or_else(|| missing(id), |row| Json(row).into_response()))
}

async fn body(State(shared): Held, Path(id): Path<Uuid>) -> Result<Response, SandboxError> {
    let found = shared.ledger.ask(move |book| book.body(id)).await?;
    Ok(found.map_or_else(|| missing(id), |(format, body)| ([(header::CONTENT_TYPE, format.media_type())], body).into_response()))
}

fn missing(id: Uuid) -> Response {
    (StatusCode::NOT_FOUND, format!("There is no report {id}.")).into_response()
}

#[derive(Serialize)]
struct AllCounts {
    #[serde(flatten)]
    totals: ledger::Totals,
    #[serde(flatten)]
    since_start: Counts,
    in_flight: u64,
    peak_in_flight: u64,
    minutes: Vec<ledger::Minute>,
}

async fn counts(State(shared): Held) -> Answer<AllCounts> {
    let first = Timestamp::now().as_second().div_euclid(60) - MINUTES + 1;
    let (totals, minutes) = shared.ledger.ask(move |book| Ok((book.totals()?, book.minutes(first)?))).await?;
    Ok(Json(AllCounts {
        totals,
        minutes,
        since_start: shared.tally.counts(),
        in_flight: shared.tally.in_flight(),
        peak_in_flight: shared.tally.peak_in_flight(),
    }))
}

/// One JSON object a line, in order of first arrival.
async fn ids(State(shared): Held) -> Result<Response, SandboxError> {
    let mut lines = Vec::new();
    for identity in shared.ledger.ask(|book| book.identities()).await? {
        // Writing numbers and texts to memory cannot fail.
        let _ = serde_json::to_writer(&mut lines, &identity);
        lines.push(b'\n');
    }
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}

async fn faults(State(shared): Held) -> Json<Value> {
    Json(switches(&shared))
}

fn switches(shared: &Shared) -> Value {
    let trouble = shared.trouble();
    json!({
        "faults": trouble.faults(),
        "outage_left_ms": u64::try_from(trouble.outage_left(Instant::now()).as_millis()).unwrap_or(u64::MAX),
    })
}

/// Changes the switches that the body names and leaves the others.
async fn set_faults(State(shared): Held, patch: Result<Json<Map<String, Value>>, JsonRejection>) -> Answer<Value> {
    let Json(patch) = patch.map_err(refused)?;
    let current: Faults = shared.trouble().faults().clone();
    shared.set_faults(current.patched(patch)?)?;
    Ok(Json(switches(&shared)))
}

#[derive(Deserialize)]
struct Outage {
    seconds: f64,
}

async fn outage(State(shared): Held, order: Result<Json<Outage>, JsonRejection>) -> Answer<Value> {
    let Json(order) = order.map_err(refused)?;
    let length = Duration::try_from_secs_f64(order.seconds)
        .map_err(|error| SandboxError::Faults(format!("seconds is {}: {error}; give 0 or more", order.seconds)))?;
    shared.outage(length);
    Ok(Json(switches(&shared)))
}

fn refused(rejection: JsonRejection) -> SandboxError {
    SandboxError::Faults(rejection.body_text())
}
