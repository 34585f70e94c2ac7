//! The two pages that the host has of its own: the welcome at `/`, and what an app that is offline shows.

use hearth_engine::ResponseBody;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use crate::app::LoadedApp;
use crate::front::answer::{empty, full};

/// What answers at `/` where no function does.
pub(super) fn welcome(app: &LoadedApp) -> Response<ResponseBody> {
    if !app.policy.homepage {
        return empty(StatusCode::NO_CONTENT);
    }
    // The name of an app holds nothing that HTML would take for its own.
    let text = format!("Your function app {} is up and running.", app.name);
    page(StatusCode::OK, &app.name.to_string(), &text)
}

/// What answers for an app that was taken offline (reference: Azure Functions, section 2.3).
pub(super) fn offline() -> Response<ResponseBody> {
    let text = "This function app is offline for the moment. Please come back later.";
    let mut response = page(StatusCode::SERVICE_UNAVAILABLE, "Offline", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page(status: StatusCode, title: &str, text: &str) -> Response<ResponseBody> {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let mut response = Response::new(full(html.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}
