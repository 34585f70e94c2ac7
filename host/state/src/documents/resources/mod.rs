//! Resources of the document store that contain or describe items: databases, containers, users, permissions, scripts, offers.
//!
//! Their RIDs are random, so that neither a deletion nor a restore hands one out again; a child's begins with its parent's, and
//! what is below a resource is what begins with its RID. A container's ranges are made, redefined and removed with it.

mod mssql;
mod rid;
mod sqlite;

use std::sync::Arc;

use hearth_model::clock::Timestamp;

use super::items::hex;
use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, StateError};
pub(crate) use rid::container_number;

static HOLD_ACCOUNT: Statement =
    Statement::query("document-resources.hold-account", sqlite::HOLD_ACCOUNT, mssql::HOLD_ACCOUNT);
static HOLD_PARENT: Statement =
    Statement::query("document-resources.hold-parent", sqlite::HOLD_PARENT, mssql::HOLD_PARENT);
static CREATE: Statement = Statement::change("document-resources.create", sqlite::CREATE, mssql::CREATE);
static ADD_RANGE: Statement = Statement::change("document-resources.add-range", sqlite::ADD_RANGE, mssql::ADD_RANGE);
static GET: Statement = Statement::query("document-resources.get", sqlite::GET, mssql::GET);
static GET_BY_RID: Statement = Statement::query("document-resources.get-by-rid", sqlite::GET_BY_RID, mssql::GET_BY_RID);
static LIST: Statement = Statement::query("document-resources.list", sqlite::LIST, mssql::LIST);
static REPLACE: Statement = Statement::change("document-resources.replace", sqlite::REPLACE, mssql::REPLACE);
static REDEFINE: Statement = Statement::change("document-resources.redefine", sqlite::REDEFINE, mssql::REDEFINE);
static DELETE: Statement = Statement::change("document-resources.delete", sqlite::DELETE, mssql::DELETE);
static RETIRE_CONTAINERS: Statement =
    Statement::change("document-resources.retire-containers", sqlite::RETIRE_CONTAINERS, mssql::RETIRE_CONTAINERS);
static DELETE_RANGES: Statement =
    Statement::change("document-resources.delete-ranges", sqlite::DELETE_RANGES, mssql::DELETE_RANGES);
static DELETE_BELOW: Statement =
    Statement::change("document-resources.delete-below", sqlite::DELETE_BELOW, mssql::DELETE_BELOW);
static DELETE_OFFERS: Statement =
    Statement::change("document-resources.delete-offers", sqlite::DELETE_OFFERS, mssql::DELETE_OFFERS);

/// Tries with other random numbers before it is given up; one is almost always enough.
const ATTEMPTS: usize = 16;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A database.
    Database,
    /// A container of a database.
    Container,
    /// A user of a database.
    User,
    /// A permission of a user.
    Permission,
    /// A stored procedure of a container.
    StoredProcedure,
    /// A trigger of a container.
    Trigger,
    /// A user-defined function of a container.
    UserDefinedFunction,
    /// The throughput of a database or container. It has no parent, and its name is the RID of what it is for.
    Offer,
    /// A client encryption key of a database.
    ClientEncryptionKey,
}

impl ResourceKind {
    const ALL: [Self; 9] = [
        Self::Database,
        Self::Container,
        Self::User,
        Self::Permission,
        Self::StoredProcedure,
        Self::Trigger,
        Self::UserDefinedFunction,
        Self::Offer,
        Self::ClientEncryptionKey,
    ];

    const fn number(self) -> i64 {
        match self {
            Self::Database => 1,
            Self::Container => 2,
            Self::User => 3,
            Self::Permission => 4,
            Self::StoredProcedure => 5,
            Self::Trigger => 6,
            Self::UserDefinedFunction => 7,
            Self::Offer => 8,
            Self::ClientEncryptionKey => 9,
        }
    }
}

/// A resource as it is made. Whether its name and body keep the rules is for the caller to check.
#[derive(Clone, Copy, Debug)]
pub struct NewResource<'a> {
    /// The account it is in.
    pub account: &'a str,
    /// What it is.
    pub kind: ResourceKind,
    /// The RID of its parent, in hex digits; empty for databases.
    pub parent: &'a str,
    /// Its name, unique among its kind below its parent.
    pub name: &'a str,
    /// Its own properties as one JSON object, without those that the store adds.
    pub body: &'a str,
    /// What a container has besides.
    pub container: Option<NewContainer<'a>>,
    /// The body of the offer that is made with it.
    pub offer: Option<&'a str>,
}

/// What a container has besides its properties.
#[derive(Clone, Copy, Debug)]
pub struct NewContainer<'a> {
    /// Lowest key of each range and the one that is too high, in order.
    pub ranges: &'a [(Vec<u8>, Vec<u8>)],
    /// Whether all versions of its items are kept.
    pub keeps_history: bool,
}

/// A resource as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResource {
    /// Its RID in hex digits, lower case.
    pub rid: String,
    /// The account it is in.
    pub account: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The RID of its parent; empty for databases and offers.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// Grows with every change of it. For a container it is the definition that its items are used under.
    pub version: i64,
    /// When it was changed last.
    pub changed: Timestamp,
    /// Its own properties as one JSON object.
    pub body: Arc<str>,
}

/// What creating a resource found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceCreation {
    /// It was made.
    Created(StoredResource),
    /// There is one of this name; it was left as it is.
    Exists(StoredResource),
    /// There is no such parent, or no such account.
    NoParent,
}

/// What came of changing a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceChange {
    /// It was done; the resource as it is now, or as it was before it was deleted.
    Done(StoredResource),
    /// There is no such resource.
    Missing,
    /// It has another version.
    Unexpected(StoredResource),
    /// Another of its kind has the name.
    NameTaken,
}

/// Operations on resources.
#[derive(Clone, Debug)]
pub struct DocumentResources(pub(crate) Database);

impl DocumentResources {
    /// Makes a resource, with its ranges and its offer; one that exists is left as it is.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn create(&self, new: &NewResource<'_>) -> Result<ResourceCreation, StateError> {
        for _ in 0..ATTEMPTS {
            let rid = rid::unused(new.kind, new.parent)?;
            let outcome = self.0.write(Operation::full(creation(new, &rid)?)).await?;
            if outcome.done {
                let row = outcome.row(1).ok_or_else(gone)?;
                return Ok(ResourceCreation::Created(StoredResource {
                    rid,
                    account: new.account.to_owned(),
                    kind: new.kind,
                    parent: new.parent.to_owned(),
                    name: new.name.to_owned(),
                    version: row.int(0)?,
                    changed: row.time(1)?,
                    body: new.body.into(),
                }));
            }
            if outcome.affected(0) == 0 {
                return Ok(ResourceCreation::NoParent);
            }
            if let Some(found) = self.get(new.account, new.kind, new.parent, new.name).await? {
                return Ok(ResourceCreation::Exists(found));
            }
        }
        Err(StateError::Unavailable("no number was free for a new resource of the document store".to_owned()))
    }

    /// A resource by its name.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn get(
        &self,
        account: &str,
        kind: ResourceKind,
        parent: &str,
        name: &str,
    ) -> Result<Option<StoredResource>, StateError> {
        let args = vec![account.into(), kind.number().into(), parent.into(), name.into()];
        self.0.read(Step::new(&GET, args)).await?.first().map(stored).transpose()
    }

    /// A resource by its RID in hex digits, lower case.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn get_by_rid(&self, rid: &str) -> Result<Option<StoredResource>, StateError> {
        self.0.read(Step::new(&GET_BY_RID, vec![rid.into()])).await?.first().map(stored).transpose()
    }

    /// Resources of a kind below a parent by name, those behind `after`, at most `most`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(
        &self,
        account: &str,
        kind: ResourceKind,
        parent: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<StoredResource>, StateError> {
        let args = vec![account.into(), kind.number().into(), parent.into(), after.into(), i64::from(most).into()];
        self.0.read(Step::new(&LIST, args)).await?.iter().map(stored).collect()
    }

    /// Replaces name and body of a resource, where one is expected only in that version. The ranges of a container are defined
    /// anew with it: whoever uses them under the earlier definition is told.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn replace(
        &self,
        resource: &StoredResource,
        expected: Option<i64>,
        (name, body): (&str, &str),
        keeps_history: bool,
    ) -> Result<ResourceChange, StateError> {
        let (lowest, highest) = expected.map_or((0, i64::MAX), |version| (version, version));
        let StoredResource { rid, account, kind, parent, .. } = resource;
        let rid = || Value::from(rid.as_str());
        let mut args: Vec<Value> = vec![name.into(), body.into(), Value::Now(0), Value::Now(0), rid()];
        args.extend([account.as_str().into(), lowest.into(), highest.into()]);
        args.extend([account.as_str().into(), kind.number().into(), parent.as_str().into(), name.into(), rid()]);
        let mut steps = vec![Step::required(&REPLACE, args)];
        if *kind == ResourceKind::Container {
            let container = container_number(&resource.rid)?;
            let keeps = || Value::from(keeps_history);
            steps.push(Step::new(&REDEFINE, vec![rid(), keeps(), keeps(), container.into()]));
        }
        let outcome = self.0.write(Operation::full(steps)).await?;
        if let Some(row) = outcome.row(0).filter(|_| outcome.done) {
            let (version, changed) = (row.int(0)?, row.time(1)?);
            let (name, body) = (name.to_owned(), body.into());
            return Ok(ResourceChange::Done(StoredResource { name, body, version, changed, ..resource.clone() }));
        }
        Ok(match self.get_by_rid(&resource.rid).await? {
            None => ResourceChange::Missing,
            Some(found) if expected.is_some_and(|version| version != found.version) => {
                ResourceChange::Unexpected(found)
            }
            Some(_) => ResourceChange::NameTaken,
        })
    }

    /// Deletes a resource with everything below it, where one is expected only in that version. Items are gone at once and swept
    /// later.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete(&self, resource: &StoredResource, expected: Option<i64>) -> Result<ResourceChange, StateError> {
        let (lowest, highest) = expected.map_or((0, i64::MAX), |version| (version, version));
        let rid = resource.rid.as_str();
        let args = vec![rid.into(), resource.account.as_str().into(), lowest.into(), highest.into()];
        let mut steps = vec![Step::required(&DELETE, args)];
        let below = format!("{rid}g");
        let below = || vec![rid.into(), below.as_str().into()];
        let containers = match resource.kind {
            ResourceKind::Database => Some(rid::containers_of_database(rid)?),
            ResourceKind::Container => Some(container_number(rid).map(|number| (number, number))?),
            _ => None,
        };
        if let Some((first, last)) = containers {
            steps.push(Step::new(&RETIRE_CONTAINERS, vec![first.into(), last.into()]));
            steps.push(Step::new(&DELETE_RANGES, vec![first.into(), last.into()]));
            let mut args = vec![resource.account.as_str().into(), ResourceKind::Offer.number().into()];
            args.extend(below());
            steps.push(Step::new(&DELETE_OFFERS, args));
        }
        if containers.is_some() || resource.kind == ResourceKind::User {
            steps.push(Step::new(&DELETE_BELOW, below()));
        }
        if self.0.write(Operation::full(steps)).await?.done {
            return Ok(ResourceChange::Done(resource.clone()));
        }
        let found = self.get_by_rid(rid).await?;
        Ok(found.map_or(ResourceChange::Missing, ResourceChange::Unexpected))
    }
}

fn creation(new: &NewResource<'_>, rid: &str) -> Result<Vec<Step>, StateError> {
    let hold = match new.parent {
        "" => Step::required(&HOLD_ACCOUNT, vec![new.account.into()]),
        parent => Step::required(&HOLD_PARENT, vec![new.account.into(), parent.into()]),
    };
    let container = match new.kind {
        ResourceKind::Container => container_number(rid)?,
        _ => 0,
    };
    let mut steps = vec![hold, insertion(new, rid, container)];
    if let Some(more) = &new.container {
        for ((from, to), id) in more.ranges.iter().zip(0_i64..) {
            let (from, to) = (hex(from), hex(to));
            let mut args = vec![container.into(), id.into(), new.account.into()];
            args.extend([from.as_str().into(), to.as_str().into(), more.keeps_history.into(), Value::Now(0)]);
            args.push(rid.into());
            steps.push(Step::required(&ADD_RANGE, args));
        }
    }
    if let Some(body) = new.offer {
        let kind = ResourceKind::Offer;
        let offer = NewResource { kind, parent: "", name: rid, body, container: None, offer: None, ..*new };
        steps.push(insertion(&offer, &rid::unused(kind, "")?, 0));
    }
    Ok(steps)
}

fn insertion(new: &NewResource<'_>, rid: &str, container: i64) -> Step {
    let mut args = vec![rid.into(), new.account.into(), new.kind.number().into(), new.parent.into(), new.name.into()];
    args.extend([Value::Now(0), Value::Now(0), new.body.into(), container.into()]);
    Step::required(&CREATE, args)
}

fn stored(row: &Row) -> Result<StoredResource, StateError> {
    let text = |column| row.text(column).map(str::to_owned);
    let number = row.int(2)?;
    let kind = ResourceKind::ALL.into_iter().find(|kind| kind.number() == number);
    Ok(StoredResource {
        rid: text(0)?,
        account: text(1)?,
        kind: kind.ok_or_else(|| row.unexpected(2))?,
        parent: text(3)?,
        name: text(4)?,
        version: row.int(5)?,
        changed: row.time(6)?,
        body: row.shared_text(7)?,
    })
}

fn gone() -> StateError {
    StateError::Corrupt("a new resource of the document store is not there: restore the state database".to_owned())
}
