//! Who a worker is: what its operator said, or what it keeps of having joined with a one-time token.

use std::path::Path;

use hearth_model::ids::WorkerId;
use hearth_model::join_token::JoinToken;
use hearth_state::StateUrl;
use hearth_worker::{JoinOptions, Membership};

use super::failure;
use crate::config::data::DataDir;
use crate::config::settings::{KeySettings, StateSettings};
use crate::config::values::BaseUrl;
use crate::exit::Failure;
use crate::platform;
use crate::role;

/// What the operator said.
pub(super) struct Asked<'a> {
    pub(super) token: Option<&'a str>,
    pub(super) shared: Option<String>,
    pub(super) management: Option<BaseUrl>,
    pub(super) name: Option<String>,
    pub(super) state: StateSettings,
    pub(super) key: KeySettings,
}

/// Who the worker is, and where its installation is.
pub(super) struct Identity {
    pub(super) management: BaseUrl,
    pub(super) join_token: String,
    pub(super) name: WorkerId,
    pub(super) state: StateSettings,
    pub(super) key: KeySettings,
    pub(super) membership: Option<Membership>,
}

/// Joins where a token says so that was not used here before.
pub(super) async fn identity(asked: Asked<'_>, data: &DataDir) -> Result<Identity, Failure> {
    let known = Membership::read(&data.member_file()).map_err(failure)?;
    let token = asked.token.map(str::parse::<JoinToken>).transpose();
    let token = token.map_err(|error| Failure::configuration(format_args!("--join: {error}")))?;
    match token {
        Some(token) if !known.as_ref().is_some_and(|known| known.is_of(&token) && known.is_complete()) => {
            let membership = join(&asked, &token, known.as_ref(), data).await?;
            joined(asked, membership, data)
        }
        // A membership counts unless the operator says by the shared token that the worker belongs elsewhere.
        _ => match known.filter(Membership::is_complete) {
            Some(known) if asked.shared.is_none() => joined(asked, known, data),
            _ => configured(asked),
        },
    }
}

async fn join(
    asked: &Asked<'_>,
    token: &JoinToken,
    known: Option<&Membership>,
    data: &DataDir,
) -> Result<Membership, Failure> {
    if asked.state.state.is_some() || asked.shared.is_some() {
        return Err(Failure::configuration(
            "--join brings state and key with it: leave out --state and --join-token (HEARTH_STATE, HEARTH_JOIN_TOKEN)",
        ));
    }
    let key_file = role::key_file(data, &asked.key);
    if known.is_none() && key_file.exists() {
        return Err(Failure::configuration(format_args!(
            "'{}' is the key of another installation: give this worker a data directory of its own by --data",
            key_file.display()
        )));
    }
    let management = match &asked.management {
        Some(url) => url.to_string(),
        None => token
            .management
            .parse::<BaseUrl>()
            .map_err(|error| Failure::configuration(format_args!("--join: the management URL of the token: {error}")))?
            .to_string(),
    };
    let name = name(asked.name.clone().or_else(|| known.map(Membership::name)))?;
    let options = JoinOptions {
        token,
        management: &management,
        name: name.as_str(),
        member_file: &data.member_file(),
        key_file: &key_file,
    };
    hearth_worker::join_installation(&options).await.map_err(failure)
}

fn joined(asked: Asked<'_>, membership: Membership, data: &DataDir) -> Result<Identity, Failure> {
    let management = match asked.management {
        Some(url) => url,
        None => membership.management().parse().map_err(Failure::configuration)?,
    };
    let name = membership.name();
    if let Some(other) = asked.name.filter(|other| *other != name) {
        return Err(Failure::configuration(format_args!(
            "this worker joined as '{name}' and can't be '{other}' (--name): leave the name out, or join again with a new token and another --data"
        )));
    }
    let state = membership.state();
    if let Ok(StateUrl::Sqlite(path)) = StateUrl::parse(&state) {
        here(&path, data)?;
    }
    Ok(Identity {
        management,
        join_token: String::new(),
        name: self::name(Some(name))?,
        state: StateSettings { state: Some(asked.state.state.unwrap_or(state)) },
        key: asked.key,
        membership: Some(membership),
    })
}

/// A SQLite file is there on the machine of management only. A missing one must not be made.
fn here(path: &Path, data: &DataDir) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::configuration(format_args!(
        "this installation keeps host state in the SQLite file '{}', which is not on this machine: run the worker on the machine of management, or keep host state in SQL Server ('hearth management --state mssql://…') for workers on others. What was joined here is in '{}'",
        path.display(),
        data.member_file().display()
    )))
}

fn configured(asked: Asked<'_>) -> Result<Identity, Failure> {
    let management = asked.management.ok_or_else(|| missing("management", "the URL of the management role"))?;
    let join_token = asked.shared.ok_or_else(|| {
        missing("join-token", "the token with which workers join (or --join with one of 'hearth workers token')")
    })?;
    let name = name(asked.name)?;
    Ok(Identity { management, join_token, name, state: asked.state, key: asked.key, membership: None })
}

fn name(named: Option<String>) -> Result<WorkerId, Failure> {
    let name = named.unwrap_or_else(platform::host_name);
    WorkerId::parse(&name).map_err(|error| Failure::configuration(format_args!("--name: {error}")))
}

fn missing(name: &str, what: &str) -> Failure {
    let variable = name.replace('-', "_").to_uppercase();
    Failure::configuration(format_args!(
        "{what} is missing: give --{name}, the environment variable HEARTH_{variable}, or '{name}' in hearth.toml"
    ))
}
