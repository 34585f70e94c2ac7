//! What clients have to do for a query that goes to several ranges: which ranges, what to ask each of them, and how to put the
//! answers together. A container with one range answers everything itself, and its plan is neutral (reference 5.5).

use std::collections::BTreeMap;

use serde::Serialize;

use super::Query;
use super::aggregate::AggregateKind;
use super::ast::{Expr, Kind, SelectList};
use super::compile::output_names;
use super::error::{QueryCode, QueryError, Span};
use super::json::write_string;
use super::lexer::FILTER_PLACEHOLDER;

/// A query plan, as clients read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    partitioned_query_execution_info_version: u32,
    query_info: QueryInfo,
    query_ranges: Vec<QueryRange>,
}

/// Part of the effective partition keys that a query has to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryRange {
    /// The lowest, in hexadecimal digits.
    pub min: String,
    /// The highest, in hexadecimal digits.
    pub max: String,
    /// Whether the lowest belongs to it.
    pub is_min_inclusive: bool,
    /// Whether the highest belongs to it.
    pub is_max_inclusive: bool,
}

impl QueryRange {
    /// Everything.
    pub fn all() -> Self {
        Self { min: String::new(), max: "FF".to_owned(), is_min_inclusive: true, is_max_inclusive: false }
    }

    /// One effective partition key.
    pub fn point(key: impl Into<String>) -> Self {
        let min = key.into();
        Self { max: min.clone(), min, is_min_inclusive: true, is_max_inclusive: true }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct QueryInfo {
    distinct_type: &'static str,
    top: Option<u64>,
    offset: Option<u64>,
    limit: Option<u64>,
    order_by: Vec<&'static str>,
    order_by_expressions: Vec<String>,
    group_by_expressions: Vec<String>,
    group_by_aliases: Vec<String>,
    aggregates: Vec<&'static str>,
    group_by_alias_to_aggregate_type: BTreeMap<String, &'static str>,
    rewritten_query: String,
    has_select_value: bool,
    d_count_info: Option<()>,
    has_non_streaming_order_by: bool,
}

impl Plan {
    /// The plan of a query over these ranges. `several` says whether the container has more than one range; `features` is what the
    /// client says it can do, a list with commas, where it says so.
    ///
    /// # Errors
    ///
    /// 400 where the client cannot do what it would have to, or where this store cannot tell it how.
    pub fn of(
        query: &Query,
        several: bool,
        features: Option<&str>,
        ranges: Vec<QueryRange>,
    ) -> Result<Self, QueryError> {
        let has_select_value = matches!(query.select.list, SelectList::Value(_));
        let mut info = QueryInfo { distinct_type: "None", has_select_value, ..QueryInfo::default() };
        if several {
            let needed = query.rewrite(&mut info)?;
            if let Some(features) = features {
                query.check_features(&needed, features)?;
            }
        }
        Ok(Self { partitioned_query_execution_info_version: 2, query_info: info, query_ranges: ranges })
    }

    /// As it is sent.
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What every range is asked; empty for the query as it is.
    pub fn rewritten_query(&self) -> &str {
        &self.query_info.rewritten_query
    }
}

impl Query {
    fn check_features(&self, needed: &[&str], features: &str) -> Result<(), QueryError> {
        let can = |needed: &&&str| features.split(',').any(|feature| feature.trim().eq_ignore_ascii_case(needed));
        let missing: Vec<&str> = needed.iter().filter(|needed| !can(needed)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!(
            "Query contains 1 or more unsupported features. Upgrade your SDK to a version that does support the requested features:\r\nQuery contained {}, which the calling client does not support.",
            missing.join(", ")
        );
        Err(QueryError::new(QueryCode::NotSupported, Span { start: 0, end: self.text.len() }, message))
    }

    /// Fills in what clients have to do, and says what they have to be able to.
    fn rewrite(&self, info: &mut QueryInfo) -> Result<Vec<&'static str>, QueryError> {
        let select = &self.select;
        let mut needed = Vec::new();
        if select.distinct {
            info.distinct_type = "Unordered";
            needed.push("Distinct");
        }
        if select.top.is_some() {
            info.top = self.program.take;
            needed.push("Top");
        }
        if select.page.is_some() {
            info.offset = Some(self.program.skip);
            info.limit = self.program.take;
            needed.push("OffsetAndLimit");
        }
        let list = match (&select.order, self.program.aggregates.is_empty()) {
            (Some(order), _) => {
                info.order_by = vec![if order.descending { "Descending" } else { "Ascending" }];
                let by = self.slice(order.by.span);
                info.order_by_expressions = vec![by.to_owned()];
                needed.push("OrderBy");
                self.ordered_list(by)?
            }
            (None, false) => self.aggregate_list(info, &mut needed)?,
            (None, true) if select.page.is_some() => self.original_list(),
            (None, true) => return Ok(needed),
        };
        info.rewritten_query = self.rewritten(&list);
        Ok(needed)
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn original_list(&self) -> String {
        let value = self.slice(self.select.list_span);
        if self.select.distinct { format!("DISTINCT {value}") } else { value.to_owned() }
    }

    /// What identifies a row, what it is ordered by, and the row itself.
    fn ordered_list(&self, by: &str) -> Result<String, QueryError> {
        let source = self.select.from.as_ref().and_then(|from| from.sources.first());
        let Some(source) = source.filter(|source| source.path.is_empty() && !source.each) else {
            let span = self.select.list_span;
            return Err(QueryError::not_supported(span, "ORDER BY over several ranges of what is not the item itself"));
        };
        let item = source.alias.as_ref().unwrap_or(&source.name);
        let payload = match &self.select.list {
            SelectList::Everything => item.clone(),
            SelectList::Value(expression) => self.slice(expression.span).to_owned(),
            SelectList::Named(list) => self.object(list, |expression| self.slice(expression.span).to_owned()),
        };
        Ok(format!(r#"{item}._rid, [{{"item": {by}}}] AS orderByItems, {payload} AS payload"#))
    }

    fn object(&self, list: &[(Expr, Option<String>)], value: impl Fn(&Expr) -> String) -> String {
        let mut object = String::from("{");
        for (index, (name, expression)) in output_names(list).into_iter().enumerate() {
            if index > 0 {
                object.push_str(", ");
            }
            write_string(&mut object, &name);
            object.push_str(": ");
            object.push_str(&value(expression));
        }
        object.push('}');
        object
    }

    /// What the aggregates of all ranges can be put together from.
    fn aggregate_list(&self, info: &mut QueryInfo, needed: &mut Vec<&'static str>) -> Result<String, QueryError> {
        needed.push("Aggregate");
        match &self.select.list {
            SelectList::Value(expression) => {
                let (kind, argument) = self.aggregate(expression)?;
                info.aggregates = vec![kind.plan_name()];
                Ok(format!("VALUE [{}]", item(kind, argument)))
            }
            SelectList::Named(list) => {
                needed.push("NonValueAggregate");
                if list.len() > 1 {
                    needed.push("MultipleAggregates");
                }
                for (name, expression) in output_names(list) {
                    let (kind, _) = self.aggregate(expression)?;
                    info.group_by_aliases.push(name.clone());
                    info.group_by_alias_to_aggregate_type.insert(name, kind.plan_name());
                }
                let object = self.object(list, |expression| {
                    // Each of them is an aggregate, as was seen above.
                    self.aggregate(expression).map(|(kind, argument)| item(kind, argument)).unwrap_or_default()
                });
                Ok(format!("{object} AS payload"))
            }
            SelectList::Everything => Err(QueryError::not_supported(self.select.list_span, "This aggregate")),
        }
    }

    fn aggregate(&self, expression: &Expr) -> Result<(AggregateKind, &str), QueryError> {
        if let Kind::Call(name, arguments) = &expression.kind
            && let (Some(kind), [argument]) = (AggregateKind::named(name), arguments.as_slice())
        {
            return Ok((kind, self.slice(argument.span)));
        }
        Err(QueryError::not_supported(expression.span, "An expression around aggregates, over several ranges,"))
    }

    /// The query with another list, and with a place for the filter that clients resume with where it is ordered.
    fn rewritten(&self, list: &str) -> String {
        let select = &self.select;
        let mut text = String::from("SELECT ");
        if let (Some(_), Some(top)) = (&select.top, self.program.take) {
            text.push_str(&format!("TOP {top} "));
        }
        text.push_str(list);
        if let Some(from) = &select.from {
            text.push_str("\nFROM ");
            text.push_str(self.slice(from.span));
        }
        let filter = select.filter.as_ref().map(|filter| self.slice(filter.span));
        match (filter, &select.order) {
            (None, None) => {}
            (Some(filter), None) => text.push_str(&format!("\nWHERE {filter}")),
            (None, Some(_)) => text.push_str(&format!("\nWHERE ({FILTER_PLACEHOLDER})")),
            (Some(filter), Some(_)) => text.push_str(&format!("\nWHERE (({filter}) AND ({FILTER_PLACEHOLDER}))")),
        }
        if let Some(order) = &select.order {
            text.push('\n');
            text.push_str(self.slice(order.span));
        }
        if let (Some(_), Some(take)) = (&select.page, self.program.take) {
            text.push_str(&format!("\nOFFSET 0 LIMIT {}", self.program.skip.saturating_add(take)));
        }
        text
    }
}

fn item(kind: AggregateKind, argument: &str) -> String {
    match kind {
        AggregateKind::Count => format!(r#"{{"item": COUNT({argument})}}"#),
        AggregateKind::Sum => format!(r#"{{"item": SUM({argument})}}"#),
        AggregateKind::Average => format!(r#"{{"item": {{"sum": SUM({argument}), "count": COUNT({argument})}}}}"#),
        AggregateKind::Least => {
            format!(r#"{{"item": MIN({argument}), "item2": {{"min": MIN({argument}), "count": COUNT({argument})}}}}"#)
        }
        AggregateKind::Greatest => {
            format!(r#"{{"item": MAX({argument}), "item2": {{"max": MAX({argument}), "count": COUNT({argument})}}}}"#)
        }
    }
}
