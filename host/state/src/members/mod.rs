//! What outlives a worker's registrations: one-time join tokens, the lasting credentials that are made with them, and
//! what operators decided about a worker.
//!
//! Host state holds hashes only. A token admits one worker, once; asking again with the same token, name and credential
//! is answered as before, because an answer may be lost. A credential and its successor both open until the worker
//! confirms that it has stored the successor, so that a crash in between locks nobody out.

mod mssql;
mod sqlite;
mod standing;

use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::Standing;
use hearth_model::ids::WorkerId;

use crate::operation::{Operation, Row, Statement, Step, Value, micros};
use crate::{Database, StateError};

/// Writes down where a worker runs and when; changes no row of one that was removed.
pub(crate) static DESCRIBE: Statement = Statement::change("members.describe", sqlite::DESCRIBE, mssql::DESCRIBE);
static ADD_TOKEN: Statement = Statement::change("members.add-token", sqlite::ADD_TOKEN, mssql::ADD_TOKEN);
static PURGE_TOKENS: Statement = Statement::change("members.purge-tokens", sqlite::PURGE_TOKENS, mssql::PURGE_TOKENS);
static TOKEN: Statement = Statement::query("members.token", sqlite::TOKEN, mssql::TOKEN);
static NAME_IS_FREE: Statement = Statement::query("members.name-is-free", sqlite::NAME_IS_FREE, mssql::NAME_IS_FREE);
static USE_TOKEN: Statement = Statement::change("members.use-token", sqlite::USE_TOKEN, mssql::USE_TOKEN);
static JOIN: Statement = Statement::change("members.join", sqlite::JOIN, mssql::JOIN);
static OFFER: Statement = Statement::change("members.offer", sqlite::OFFER, mssql::OFFER);
static CONFIRM: Statement = Statement::change("members.confirm", sqlite::CONFIRM, mssql::CONFIRM);
static GET: Statement = Statement::query("members.get", sqlite::GET, mssql::GET);
static LIST: Statement = Statement::query("members.list", sqlite::LIST, mssql::LIST);

/// How long the row of an expired token stays, so that whoever comes late hears that it expired.
const TOKEN_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A worker as operators and other workers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: WorkerId,
    /// The machine that it runs on; empty when it did not tell.
    pub node: String,
    /// When it takes work, as its operator wrote it; empty for always.
    pub available: String,
    /// What an operator decided.
    pub standing: Standing,
    /// Why, in the operator's words; may be empty.
    pub reason: String,
    /// When that was decided.
    pub changed: Timestamp,
    /// Whether it joined with a one-time token and has a credential of its own.
    pub joined: bool,
    /// When its credential was taken into use.
    pub rotated: Timestamp,
}

/// What became of an attempt to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinOutcome {
    /// The worker is a member under its credential, and the token is used up.
    Joined,
    /// A live worker with another credential has the name; the token is as it was.
    NameInUse,
    /// There is no such token.
    Unknown,
    /// Another worker joined with it.
    Used,
    /// Its time was over.
    Expired,
}

/// Operations on members.
#[derive(Clone, Debug)]
pub struct Members(pub(crate) Database);

impl Members {
    /// Makes a token valid for `ttl` from now and answers when that ends. `hash` is the SHA-256 of its proof.
    pub async fn add_token(&self, hash: &[u8; 32], ttl: Duration) -> Result<Timestamp, StateError> {
        let hash = hexadecimal(hash);
        let steps = vec![
            Step::new(&PURGE_TOKENS, vec![Value::Now(-micros(TOKEN_KEPT))]),
            Step::new(&ADD_TOKEN, vec![hash.as_str().into(), Value::Now(micros(ttl))]),
            Step::new(&TOKEN, vec![Value::Now(0), hash.as_str().into()]),
        ];
        let outcome = self.0.write(Operation::full(steps)).await?;
        outcome.row(2).ok_or_else(|| StateError::Unavailable("a join token was not answered".to_owned()))?.time(0)
    }

    /// Uses a token up: the worker of this name is a member under this credential (both as SHA-256), also if it was
    /// removed before. Another member's credential under the name is void then.
    pub async fn join(
        &self,
        token: &[u8; 32],
        name: &WorkerId,
        credential: &[u8; 32],
    ) -> Result<JoinOutcome, StateError> {
        let (token, credential) = (hexadecimal(token), hexadecimal(credential));
        let (token, credential, name) =
            (|| token.as_str().into(), || credential.as_str().into(), || name.as_str().into());
        let steps = vec![
            Step::required(&NAME_IS_FREE, vec![name(), Value::Now(0), credential(), credential()]),
            Step::required(&USE_TOKEN, vec![credential(), name(), token(), Value::Now(0), credential(), name()]),
            Step::new(&JOIN, vec![name(), Value::Now(0), credential(), Value::Now(0)]),
        ];
        let outcome = self.0.write(Operation::full(steps)).await?;
        if outcome.done {
            return Ok(JoinOutcome::Joined);
        }
        let rows = self.0.read(Step::new(&TOKEN, vec![Value::Now(0), token()])).await?;
        let Some(row) = rows.first() else { return Ok(JoinOutcome::Unknown) };
        let same = row.text(1)?.is_empty() || Value::from(row.text(1)?) == credential();
        Ok(match (same, row.flag(2)?) {
            (false, _) => JoinOutcome::Used,
            (true, true) => JoinOutcome::Expired,
            (true, false) if outcome.steps.len() == 1 => JoinOutcome::NameInUse,
            // It was this credential under another name.
            (true, false) => JoinOutcome::Used,
        })
    }

    /// Whether a member of this name has this credential (as SHA-256), or was given it as its next one, which then counts
    /// as confirmed.
    pub async fn admit(&self, name: &WorkerId, credential: &[u8; 32]) -> Result<bool, StateError> {
        let rows = self.0.read(Step::new(&GET, vec![name.as_str().into()])).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let given = hexadecimal(credential);
        // Hashes of secrets of 256 bits: what the time of a comparison tells of them is of no use.
        if standing::of(row.int(3)?) == Some(Standing::Removed) {
            return Ok(false);
        }
        if row.text(6)? == given {
            return Ok(true);
        }
        if row.text(7)? == given {
            self.confirm(name, credential).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Makes `next` (as SHA-256) a second credential of a member whose present one has been in use for `age` or longer.
    /// False: it is not due, or the worker has none of its own. A next one that was not confirmed is replaced.
    pub async fn offer(&self, name: &WorkerId, next: &[u8; 32], age: Duration) -> Result<bool, StateError> {
        let args = vec![hexadecimal(next).as_str().into(), name.as_str().into(), Value::Now(-micros(age))];
        let outcome = self.0.write(Operation::full(vec![Step::new(&OFFER, args)])).await?;
        Ok(outcome.affected(0) == 1)
    }

    /// The worker has stored its next credential: the one before is void. Any other changes nothing.
    pub async fn confirm(&self, name: &WorkerId, next: &[u8; 32]) -> Result<(), StateError> {
        let args = vec![Value::Now(0), name.as_str().into(), hexadecimal(next).as_str().into()];
        self.0.write(Operation::full(vec![Step::new(&CONFIRM, args)])).await.map(drop)
    }

    /// The member of this name.
    pub async fn get(&self, name: &WorkerId) -> Result<Option<Member>, StateError> {
        self.0.read(Step::new(&GET, vec![name.as_str().into()])).await?.first().map(from_row).transpose()
    }

    /// All members by name, those who were removed included.
    pub async fn list(&self) -> Result<Vec<Member>, StateError> {
        self.0.read(Step::new(&LIST, vec![])).await?.iter().map(from_row).collect()
    }
}

fn from_row(row: &Row) -> Result<Member, StateError> {
    Ok(Member {
        name: row.id(0)?,
        node: row.text(1)?.to_owned(),
        available: row.text(2)?.to_owned(),
        standing: standing::of(row.int(3)?).ok_or_else(|| row.unexpected(3))?,
        reason: row.text(4)?.to_owned(),
        changed: row.time(5)?,
        joined: !row.text(6)?.is_empty(),
        rotated: row.time(8)?,
    })
}

fn hexadecimal(hash: &[u8; 32]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
