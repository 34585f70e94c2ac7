//! Transactions of items.
//!
//! A change of one item has no step that decides about another: each finds its row under the same condition or does nothing, so
//! that many of them share one commit. Several items are changed one after the other, and the range's row counts what was done; a
//! last step asks for all of it.

use std::sync::Arc;

use super::super::item::{
    Committed, Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, NewItem, RangePlace, WrittenItem,
};
use super::{Documents, NEVER, halves, hex, mssql, sqlite};
use crate::StateError;
use crate::operation::{Operation, Outcome, Row, Statement, Step, Value};

static BEGIN: Statement = Statement::change("documents.begin", sqlite::BEGIN, mssql::BEGIN);
static END: Statement = Statement::query("documents.end", sqlite::END, mssql::END);
static RANGE_CREATE: Statement = Statement::change("documents.range-create", sqlite::RANGE_CREATE, mssql::RANGE_CREATE);
static RANGE_PUT: Statement = Statement::change("documents.range-put", sqlite::RANGE_PUT, mssql::RANGE_PUT);
static RANGE_DELETE: Statement = Statement::change("documents.range-delete", sqlite::RANGE_DELETE, mssql::RANGE_DELETE);
static RANGE_KEEP: Statement = Statement::change("documents.range-keep", sqlite::RANGE_KEEP, mssql::RANGE_KEEP);
static ITEM_CREATE: Statement = Statement::change("documents.create", sqlite::ITEM_CREATE, mssql::ITEM_CREATE);
static ITEM_PUT: Statement = Statement::change("documents.put", sqlite::ITEM_PUT, mssql::ITEM_PUT);
static ITEM_DELETE: Statement = Statement::change("documents.delete", sqlite::ITEM_DELETE, mssql::ITEM_DELETE);
static UNIQUE_CLEAR: Statement = Statement::change("documents.unique-clear", sqlite::UNIQUE_CLEAR, mssql::UNIQUE_CLEAR);
static UNIQUE_ADD: Statement = Statement::change("documents.unique-add", sqlite::UNIQUE_ADD, mssql::UNIQUE_ADD);
static UNIQUE_HOLDER: Statement =
    Statement::query("documents.unique-holder", sqlite::UNIQUE_HOLDER, mssql::UNIQUE_HOLDER);
static HISTORY_PUT: Statement = Statement::change("documents.history-put", sqlite::HISTORY_PUT, mssql::HISTORY_PUT);
static HISTORY_DELETE: Statement =
    Statement::change("documents.history-delete", sqlite::HISTORY_DELETE, mssql::HISTORY_DELETE);
static STATE_OF: Statement = Statement::query("documents.state-of", sqlite::STATE_OF, mssql::STATE_OF);

/// Most rounds until something stays as it was between a refusal and the look at its cause.
const ATTEMPTS: usize = 16;

impl Documents {
    /// Does all of it or nothing, under one LSN. `history` says whether the container keeps all versions. To be deleted an item
    /// must be there, also where anything is expected.
    ///
    /// # Errors
    /// [`StateError::Rejected`] for more than [`ItemVersion::PER_TRANSACTION`] changes, [`StateError::Unavailable`] also when others
    /// change the item all the time; those of a write.
    pub async fn commit(
        &self,
        place: RangePlace,
        history: bool,
        writes: &[ItemWrite],
    ) -> Result<Committed, StateError> {
        if writes.len() > usize::try_from(ItemVersion::PER_TRANSACTION).unwrap_or(usize::MAX) {
            return Err(StateError::Rejected(format!(
                "a transaction changes {} items: at most {} are allowed",
                writes.len(),
                ItemVersion::PER_TRANSACTION
            )));
        }
        let plan = Plan::new(place, history, writes);
        for _ in 0..ATTEMPTS {
            let outcome = self.0.write(Operation::full(plan.steps.clone())).await?;
            match plan.judge(&outcome, writes)? {
                Judged::Done(done) => return Ok(done),
                Judged::NotBegun => return Ok(Committed::Stale),
                // One before it in this transaction is why.
                Judged::Refused(index) if writes[..index].iter().any(|write| write.key == writes[index].key) => {
                    return Ok(Committed::Unexpected(index));
                }
                Judged::Refused(index) => {
                    if let Some(refused) = self.refusal(place, index, &writes[index]).await? {
                        return Ok(refused);
                    }
                }
                Judged::Taken(value) => {
                    if !self.expire_holder(place, value).await? {
                        return Ok(Committed::NotUnique);
                    }
                }
            }
        }
        Err(StateError::Unavailable("an item is changed by others all the time".to_owned()))
    }

    /// Why an item could not be changed; none where that has passed, because it had expired or went meanwhile.
    async fn refusal(
        &self,
        place: RangePlace,
        index: usize,
        write: &ItemWrite,
    ) -> Result<Option<Committed>, StateError> {
        let mut args = vec![Value::Now(0)];
        args.extend(write.key.args());
        args.extend(place.args());
        let rows = self.0.read(Step::new(&STATE_OF, args)).await?;
        let Some(row) = rows.first() else { return Ok(Some(Committed::Stale)) };
        if row.is_null(0) {
            let may_be_absent = matches!(write.expected, Expected::Absent | Expected::Anything);
            let wants = !matches!(write.change, ItemChange::Delete);
            return Ok((!may_be_absent || !wants).then_some(Committed::Unexpected(index)));
        }
        if row.flag(1)? && matches!(write.change, ItemChange::Put(_)) {
            let version = ItemVersion(row.int(0)?);
            self.expire(place.container, write.key, version).await?;
            let may_be_absent = matches!(write.expected, Expected::Absent | Expected::Anything);
            return Ok((!may_be_absent).then_some(Committed::Unexpected(index)));
        }
        Ok(Some(Committed::Unexpected(index)))
    }

    /// Removes the item that has a value if it has expired. False when it is there.
    async fn expire_holder(&self, place: RangePlace, (high, low): (i64, i64)) -> Result<bool, StateError> {
        let args = vec![place.container.into(), high.into(), low.into(), Value::Now(0)];
        let rows = self.0.read(Step::new(&UNIQUE_HOLDER, args)).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        self.expire_by_numbers(place.container, (row.int(1)?, row.int(2)?), ItemVersion(row.int(3)?)).await?;
        Ok(true)
    }
}

/// The steps of a transaction, and where its parts stand among them.
struct Plan {
    place: RangePlace,
    steps: Vec<Step>,
    /// Whether it begins and ends by steps of its own.
    framed: bool,
    /// Of each write the steps of the range and of the item.
    parts: Vec<(usize, usize)>,
    /// Values that must be unique, with the steps that add them.
    values: Vec<(usize, (i64, i64))>,
}

enum Judged {
    Done(Committed),
    NotBegun,
    Refused(usize),
    Taken((i64, i64)),
}

impl Plan {
    fn new(place: RangePlace, history: bool, writes: &[ItemWrite]) -> Self {
        let alone = match writes {
            [write] => match &write.change {
                ItemChange::Put(item) => item.unique.is_empty(),
                ItemChange::Delete => write.expected != Expected::Absent,
                ItemChange::Keep => false,
            },
            _ => false,
        };
        let mut plan = Self { place, steps: Vec::new(), framed: !alone, parts: Vec::new(), values: Vec::new() };
        if plan.framed {
            let mut args = place.args().to_vec();
            args.push(Value::Now(0));
            plan.steps.push(Step::new(&BEGIN, args));
        }
        for (index, write) in (0_i64..).zip(writes) {
            plan.add(index, write, history);
        }
        if plan.framed {
            let mut args = place.args().to_vec();
            args.push(i64::try_from(writes.len()).unwrap_or(i64::MAX).into());
            plan.steps.push(Step::required(&END, args));
        }
        plan
    }

    fn add(&mut self, index: i64, write: &ItemWrite, history: bool) {
        let range = self.steps.len();
        match &write.change {
            ItemChange::Put(item) => self.put(index, write, item, history),
            ItemChange::Delete if write.expected != Expected::Absent => self.delete(index, write, history),
            // What is not there needs no deletion.
            ItemChange::Delete | ItemChange::Keep => self.keep(write),
        }
        let unique = match &write.change {
            ItemChange::Put(item) => item.unique.as_slice(),
            _ => &[],
        };
        self.parts.push((range, self.steps.len() - 1));
        if !unique.is_empty() {
            self.unique(write.key, unique);
        }
    }

    /// How much the step of a range raises its LSN.
    fn raise(&self) -> Value {
        i64::from(!self.framed).into()
    }

    fn put(&mut self, index: i64, write: &ItemWrite, item: &NewItem, history: bool) {
        let size: Value = i64::try_from(item.body.len()).unwrap_or(i64::MAX).into();
        let (key, container) = (write.key.args(), Value::from(self.place.container));
        let epk: Value = hex(&item.effective_key).as_str().into();
        let create = write.expected == Expected::Absent;
        let mut args = vec![self.raise(), size.clone()];
        if create {
            args.extend(self.place.args());
            args.extend(key.clone());
        } else {
            args.push(container);
            args.extend(key.clone());
            args.extend(self.place.args());
            args.extend(write.expected.args());
            args.push(Value::Now(0));
        }
        args.push(Value::Now(0));
        self.steps.push(Step::new(if create { &RANGE_CREATE } else { &RANGE_PUT }, args));
        let texts = [&item.id, &item.partition_key, &item.body].map(|text| Value::Text(Arc::clone(text)));
        if history {
            let mut args = vec![index.into(), Value::Now(0), index.into(), index.into(), Value::Now(0), size.clone()];
            args.push(epk.clone());
            args.extend(texts.clone());
            args.extend(key.clone());
            args.extend(self.place.args());
            args.extend(write.expected.args());
            args.push(Value::Now(0));
            self.steps.push(Step::new(&HISTORY_PUT, args));
        }
        let expires = match item.time_to_live {
            Some(seconds) => Value::Now(seconds.saturating_mul(1_000_000)),
            None => Value::Int(NEVER),
        };
        let mut args = key.to_vec();
        args.extend([index.into(), index.into(), epk, Value::Now(0), expires, size, item.indexed.into()]);
        args.extend(texts);
        args.extend(self.place.args());
        if !create {
            let [absent, lowest, highest] = write.expected.args();
            args.push(absent);
            args.extend(key);
            args.extend([lowest, highest, Value::Now(0)]);
        }
        self.steps.push(Step::new(if create { &ITEM_CREATE } else { &ITEM_PUT }, args));
    }

    fn delete(&mut self, index: i64, write: &ItemWrite, history: bool) {
        let mut found = vec![self.place.container.into()];
        found.extend(write.key.args());
        found.extend(write.expected.versions());
        found.push(Value::Now(0));
        let mut args = vec![self.raise()];
        args.extend(found.clone());
        args.extend(self.place.args());
        args.push(Value::Now(0));
        self.steps.push(Step::new(&RANGE_DELETE, args));
        if history {
            let mut args = vec![index.into(), Value::Now(0)];
            args.extend(found.clone());
            args.extend([self.place.range.into(), self.place.definition.into()]);
            self.steps.push(Step::new(&HISTORY_DELETE, args));
        }
        found.extend(self.place.args());
        self.steps.push(Step::new(&ITEM_DELETE, found));
    }

    fn keep(&mut self, write: &ItemWrite) {
        let mut args = vec![self.place.container.into()];
        args.extend(write.key.args());
        args.push(Value::Now(0));
        args.extend(self.place.args());
        args.extend(write.expected.args());
        self.steps.push(Step::new(&RANGE_KEEP, args));
    }

    fn unique(&mut self, key: ItemKey, values: &[[u8; 32]]) {
        let container = Value::from(self.place.container);
        let mut args = vec![container.clone(), container.clone()];
        args.extend(key.args());
        self.steps.push(Step::new(&UNIQUE_CLEAR, args));
        for value in values {
            let (high, low) = halves(value);
            let mut args = vec![high.into(), low.into(), container.clone()];
            args.extend(key.args());
            self.values.push((self.steps.len(), (high, low)));
            self.steps.push(Step::required(&UNIQUE_ADD, args));
        }
    }

    /// What the answers of the steps say.
    fn judge(&self, outcome: &Outcome, writes: &[ItemWrite]) -> Result<Judged, StateError> {
        if self.framed && outcome.affected(0) == 0 {
            return Ok(Judged::NotBegun);
        }
        let refused = self.parts.iter().position(|(range, _)| outcome.affected(*range) == 0);
        if outcome.done && refused.is_none() {
            return self.done(outcome, writes).map(Judged::Done);
        }
        let reached = outcome.steps.len();
        let taken = self.values.iter().find(|(step, _)| step + 1 == reached);
        match (refused.filter(|index| self.parts[*index].0 < reached), taken) {
            (Some(index), _) => Ok(Judged::Refused(index)),
            (None, Some((_, value))) => Ok(Judged::Taken(*value)),
            (None, None) => Err(inconsistent()),
        }
    }

    fn done(&self, outcome: &Outcome, writes: &[ItemWrite]) -> Result<Committed, StateError> {
        let told = outcome.row(0).ok_or_else(inconsistent)?;
        let (lsn, timestamp) = (told.int(0)?, told.int(1)?);
        let mut items = Vec::with_capacity(writes.len());
        for ((index, write), (_, item)) in (0_i64..).zip(writes).zip(&self.parts) {
            let version = ItemVersion(lsn * ItemVersion::PER_TRANSACTION + index);
            let new = self.place.number(version.0);
            items.push(match &write.change {
                ItemChange::Put(_) if write.expected == Expected::Absent => {
                    Some(WrittenItem { version, number: new, timestamp, created: true })
                }
                ItemChange::Put(_) => {
                    let row: &Row = outcome.row(*item).ok_or_else(inconsistent)?;
                    let number = row.int(0)?;
                    Some(WrittenItem { version, number, timestamp, created: number == new })
                }
                ItemChange::Delete | ItemChange::Keep => None,
            });
        }
        Ok(Committed::Done { lsn, items })
    }
}

fn inconsistent() -> StateError {
    StateError::Corrupt("the state database did half of a change of an item: restore it from a backup".to_owned())
}
