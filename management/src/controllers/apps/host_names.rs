//! `PUT /api/apps/{app}/host-names`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};

use crate::answer::{ApiError, Failure, MAX_BODY, json_body};
use crate::api::HostNames;
use crate::context::Context;
use crate::controllers::{app_name, existing};

/// Replaces the app's custom host names; 409 when another app has one of them.
pub(crate) async fn set_host_names(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
    request: Request,
) -> Result<Json<HostNames>, ApiError> {
    let app = app_name(&app)?;
    let wanted: HostNames = json_body(request.into_body(), MAX_BODY, None).await?;
    let domain = &context.places.domain;
    for name in &wanted.host_names {
        check(name, domain)?;
    }
    existing(&context, &app).await?;
    context.state.apps().set_host_names(&app, &wanted.host_names).await?;
    let app = existing(&context, &app).await?;
    context.scheduler.app_changed(&app).await?;
    Ok(Json(HostNames { host_names: app.host_names }))
}

fn check(name: &str, domain: &str) -> Result<(), Failure> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !name.split('.').all(label) {
        let message = format!(
            "'{name}' is not a host name: letters, digits and hyphens in labels of up to 63, separated by dots, without port."
        );
        return Err(Failure::invalid("host_name_invalid", message));
    }
    let lower = name.to_ascii_lowercase();
    let domain = domain.to_ascii_lowercase();
    if lower == domain || lower.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.')) {
        let message =
            format!("'{name}' lies under the installation's own domain '{domain}', where names follow from app names.");
        return Err(Failure::invalid("host_name_reserved", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn host_names_are_checked() {
        for name in ["shop.example.org", "a-b.c", "xn--bcher-kva.example"] {
            assert!(check(name, "localhost").is_ok(), "{name}");
        }
        for name in ["", "a..b", "-a.b", "a_b.c", "a:80", "x.localhost", "LOCALHOST", "a b"] {
            assert!(check(name, "localhost").is_err(), "{name}");
        }
    }
}
