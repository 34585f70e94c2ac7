//! `POST|PUT zipdeploy`: takes a package and brings it to the workers (azure-functions reference, section 8.1).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};

use super::enter;
use crate::answer::{Failure, KuduError};
use crate::auth::Publisher;
use crate::context::Context;
use crate::controllers::apps::make;
use crate::controllers::{existing, query};
use crate::publish::{Permit, Site, Source, Started, Terms, Upload, drain, start, too_large, view};

/// Answers 200 when the deployment serves, or 202 at once with `isAsync=true`.
pub(crate) async fn zipdeploy(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    Query(values): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, mut body) = request.into_parts();
    let (site, publisher, upload, permit) = match take(&context, &path, &parts, &mut body).await {
        Ok(taken) => taken,
        Err(failure) => {
            drain(&mut body).await;
            return Err(failure.into());
        }
    };
    if publisher == Publisher::Admin {
        make(&context, &site.app).await?;
    }
    let terms = terms(&values, publisher);
    let deployer = terms.deployer.clone();
    let started = start(&context, &site.app, Source::Upload { upload, permit }, terms).await?;
    if query(&values, "isAsync").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(accepted(&context, &site, &started, &deployer));
    }
    finished(&context, &site, started).await
}

/// Checks everything that can be checked without the body, then takes the body in.
async fn take(
    context: &Arc<Context>,
    path: &RawPathParams,
    parts: &Parts,
    body: &mut Body,
) -> Result<(Site, Publisher, Upload, Permit), Failure> {
    let (site, publisher) = enter(context, path, parts).await?;
    if is_json(&parts.headers) {
        let message = "JSON with a packageUri is not taken here: send the package itself (a zip) as the body.";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "json_not_supported", message));
    }
    let limit = context.limits.package_bytes;
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    if publisher == Publisher::Credential {
        existing(context, &site.app).await?;
    }
    let in_progress = || crate::publish::in_progress(&site.app);
    let permit = context.uploads.begin(&site.app).ok_or_else(in_progress)?;
    if context.state.deployments().latest(&site.app).await?.is_some_and(|latest| !latest.complete) {
        return Err(in_progress());
    }
    let upload = context.spool.receive(body, limit).await?;
    Ok((site, publisher, upload, permit))
}

/// Waits for the end, for a bounded time.
pub(crate) async fn finished(context: &Arc<Context>, site: &Site, started: Started) -> Result<Response, KuduError> {
    let wait = context.limits.publish_wait;
    let ended = tokio::select! {
        ended = tokio::time::timeout(wait, started.end) => ended,
        () = context.stop.cancelled() => return Err(crate::schedule::Stopped.into()),
    };
    let deployment = context.state.deployments().get(&started.id).await?;
    match ended {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(failure))) => return Err(failure.into()),
        Ok(Err(_)) => return Err(Failure::internal(format!("deployment {} ended without a result", started.id)).into()),
        Err(_) => {
            let text = deployment.map(|deployment| deployment.status_text).unwrap_or_default();
            let message = format!(
                "Deployment {} is not finished after {} s: {text} It goes on; {}/api/deployments/latest shows how far it is.",
                started.id,
                wait.as_secs(),
                site.base
            );
            return Err(Failure::new(StatusCode::GATEWAY_TIMEOUT, "deployment_not_finished", message).into());
        }
    }
    let Some(deployment) = deployment else { return Err(Failure::no_app(site.app.as_str()).into()) };
    let headers = [("scm-deployment-id", deployment.id.to_string())];
    Ok((headers, Json(view(&deployment, true, site))).into_response())
}

/// 202 with the place to ask.
pub(crate) fn accepted(context: &Context, site: &Site, started: &Started, deployer: &str) -> Response {
    let deployer = percent(deployer);
    let time = percent(&context.clock.now().rfc3339());
    let location = format!("{}/api/deployments/latest?deployer={deployer}&time={time}", site.base);
    let headers =
        [("location", location), ("retry-after", "2".to_owned()), ("scm-deployment-id", started.id.to_string())];
    (StatusCode::ACCEPTED, headers).into_response()
}

fn terms(values: &HashMap<String, String>, publisher: Publisher) -> Terms {
    let value = |name: &str| {
        let text = query(values, name).unwrap_or_default();
        text.chars().take(1000).collect::<String>()
    };
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    Terms {
        author: or(value("author"), if publisher == Publisher::Admin { "admin" } else { "N/A" }),
        author_email: or(value("authorEmail"), "N/A"),
        deployer: or(value("deployer"), "Push-Deployer"),
        message: or(value("message"), "Created via a push deployment"),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Percent-encodes all but unreserved characters.
fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
