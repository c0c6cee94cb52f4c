//! The calls a real WATS server answers, and what the fault switches do to them.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Format, SandboxError,
    faults::Fate,
    ledger::Filing,
    line::Wire,
    processes::{self, Wanted},
    state::Shared,
    tally::Cause,
};

/// The version this server says it is.
const VERSION: &str = "2025.3.9.824";
/// The largest body that is read.
const LARGEST: usize = 512 << 20;

type Held = State<Arc<Shared>>;

/// Everything under `/api`.
pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/App/Version", get(|| async { Json(VERSION) }))
        .route("/App/Processes", get(|Query(wanted): Query<Wanted>| async move { Json(processes::list(&wanted)) }))
        .route("/Report/WSJF", post(post_wsjf))
        .route("/Report/WSXF", post(post_wsxf))
        .route("/Report/Wsjf/{id}", get(get_wsjf))
        .route("/Report/Wsxf/{id}", get(get_wsxf))
        .fallback(|| async { (StatusCode::NOT_FOUND, "The sandbox does not have this call.") })
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(Arc::clone(&shared), gate))
        .with_state(shared)
}

/// What every call goes through: outage, latency, token, and the counts.
async fn gate(State(shared): Held, ConnectInfo(wire): ConnectInfo<Wire>, request: Request, next: Next) -> Response {
    wire.carries_api();
    let _in_flight = (request.method() == Method::POST).then(|| shared.tally.enter());
    let latency = Duration::from_millis(shared.trouble().faults().latency_ms);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if shared.is_out() {
        return reset(&shared, &wire, Cause::Outage);
    }
    let response = if is_let_in(shared.token.as_deref(), request.headers()) {
        next.run(request).await
    } else {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"WATS\"")];
        (StatusCode::UNAUTHORIZED, challenge, "Authorization has been denied for this request.").into_response()
    };
    if !wire.is_cut() {
        shared.tally.answered(response.status().as_u16());
    }
    response
}

fn is_let_in(token: Option<&str>, headers: &HeaderMap) -> bool {
    let Some(token) = token else { return true };
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split_once(' ').is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("Basic") && sent.trim() == token)
}

/// Cuts the connection; the response only ends the call and is never sent.
fn reset(shared: &Shared, wire: &Wire, cause: Cause) -> Response {
    shared.tally.reset(cause);
    wire.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

async fn post_wsjf(State(shared): Held, wire: ConnectInfo<Wire>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&shared, &wire, Format::Wsjf, &headers, body).await
}

async fn post_wsxf(State(shared): Held, wire: ConnectInfo<Wire>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&shared, &wire, Format::Wsxf, &headers, body).await
}

async fn receive(shared: &Shared, wire: &Wire, format: Format, headers: &HeaderMap, body: Bytes) -> Response {
    let fate = shared.trouble().next_fate();
    match fate {
        Fate::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response(),
        Fate::TooMany { retry_after_s } => {
            let wait = [(header::RETRY_AFTER, retry_after_s.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, wait, "Too Many Requests").into_response()
        }
        Fate::ResetBefore => reset(shared, wire, Cause::ResetBefore),
        Fate::Served => record(shared, format, headers, body).await,
        Fate::ResetAfter => {
            record(shared, format, headers, body).await;
            reset(shared, wire, Cause::ResetAfter)
        }
    }
}

async fn record(shared: &Shared, format: Format, headers: &HeaderMap, body: Bytes) -> Response {
    if let Some(text) = unsupported(format, headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    }
    match shared.ledger.file(format, body, Timestamp::now().as_millisecond()).await {
        Ok(Filing::Recorded { id, number }) => Json(json!({ "ID": id, "uuid": id, "Report_ID": number })).into_response(),
        Ok(Filing::Refused(text)) => (StatusCode::BAD_REQUEST, text).into_response(),
        Ok(Filing::Failed(text)) => (StatusCode::INTERNAL_SERVER_ERROR, text).into_response(),
        Err(error) => error.into_response(),
    }
}

/// Why the body cannot be read at all.
fn unsupported(format: Format, headers: &HeaderMap) -> Option<String> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let coding = value(header::CONTENT_ENCODING);
    if !coding.is_empty() && !coding.eq_ignore_ascii_case("identity") {
        return Some(format!("The content encoding '{coding}' is not supported for this resource."));
    }
    let media_type = value(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let wanted = match format {
        Format::Wsjf => ["application/json", "text/json"],
        Format::Wsxf => ["application/xml", "text/xml"],
    };
    (!wanted.contains(&media_type.as_str()))
        .then(|| format!("The request entity's media type '{media_type}' is not supported for this resource; send {}.", wanted[0]))
}

async fn get_wsjf(State(shared): Held, Path(id): Path<Uuid>) -> Response {
    send(&shared, Format::Wsjf, id).await
}

async fn get_wsxf(State(shared): Held, Path(id): Path<Uuid>) -> Response {
    send(&shared, Format::Wsxf, id).await
}

/// The report as it came in; the sandbox does not convert between formats.
async fn send(shared: &Shared, format: Format, id: Uuid) -> Response {
    match shared.ledger.ask(move |book| book.body(id)).await {
        Ok(Some((kept, body))) if kept == format => ([(header::CONTENT_TYPE, format.media_type())], body).into_response(),
        Ok(Some((kept, _))) => {
            let text = format!("Report {id} was received as {}; the sandbox does not convert.", kept.name());
            (StatusCode::NOT_FOUND, text).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, format!("There is no report {id}.")).into_response(),
        Err(error) => error.into_response(),
    }
}

impl IntoResponse for SandboxError {
    fn into_response(self) -> Response {
        let status = match self {
            SandboxError::Faults(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.to_string()).into_response()
    }
}
