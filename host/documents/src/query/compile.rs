//! From a query as it was written to one that can be evaluated: names are resolved, parameters put in, functions found, and what is
//! wrong is refused with its place.

use super::aggregate::{Aggregate, AggregateKind};
use super::ast::{Binary, Comparison, Count, Expr, From, Kind, Select, SelectList};
use super::code::{Code, Step};
use super::error::{QueryCode, QueryError, Span};
use super::functions;
use super::like::Pattern;
use super::value::{Value, whole};

/// A query that can be evaluated.
#[derive(Debug)]
pub(super) struct Program {
    /// How rows are made of an item; none for a query without FROM, which has one row.
    pub(super) sources: Vec<RowSource>,
    pub(super) filter: Option<Code>,
    pub(super) projection: Projection,
    pub(super) aggregates: Vec<Aggregate>,
    /// The path of ORDER BY and whether it goes down.
    pub(super) order: Option<(Code, bool)>,
    pub(super) distinct: bool,
    pub(super) skip: u64,
    pub(super) take: Option<u64>,
}

/// One source of rows; the first begins at the item.
#[derive(Debug)]
pub(super) struct RowSource {
    /// The slot that it begins at; none for the item.
    pub(super) from: Option<usize>,
    pub(super) steps: Vec<Step>,
    /// A row for each element.
    pub(super) each: bool,
}

/// What a row looks like.
#[derive(Debug)]
pub(super) enum Projection {
    /// What the only source gives.
    Everything,
    Value(Code),
    /// An object; the names are there once.
    Object(Vec<(String, Code)>),
}

/// What a name in an expression means.
struct Scope<'p> {
    names: Vec<(String, usize)>,
    parameters: &'p [(String, Value<'static>)],
    aggregates: Vec<Aggregate>,
    /// Whether aggregates may stand here.
    selecting: bool,
    /// Whether this is inside an aggregate.
    aggregating: bool,
    /// Where something of an item is used outside an aggregate.
    used: Option<Span>,
}

/// Makes a query ready.
pub(super) fn compile(select: &Select, parameters: &[(String, Value<'static>)]) -> Result<Program, QueryError> {
    let mut scope = Scope {
        names: Vec::new(),
        parameters,
        aggregates: Vec::new(),
        selecting: false,
        aggregating: false,
        used: None,
    };
    let sources = match &select.from {
        Some(from) => scope.sources(from)?,
        None => Vec::new(),
    };
    let filter = select.filter.as_ref().map(|filter| scope.code(filter)).transpose()?;
    let order = match &select.order {
        Some(order) => {
            let by = scope.code(&order.by)?;
            if !matches!(&by, Code::Path(_, steps) if !steps.is_empty()) {
                let message = "ORDER BY takes the path of a property.";
                return Err(QueryError::new(QueryCode::OrderBy, order.by.span, message));
            }
            Some((by, order.descending))
        }
        None => None,
    };
    scope.used = None;
    scope.selecting = true;
    let projection = scope.projection(select, sources.len())?;
    if let (false, Some(span)) = (scope.aggregates.is_empty(), scope.used) {
        let message = "Beside an aggregate, an item's properties can stand only inside aggregates.";
        return Err(QueryError::new(QueryCode::Aggregate, span, message));
    }
    if let Some(order) = &select.order {
        if !scope.aggregates.is_empty() {
            return Err(QueryError::not_supported(order.span, "ORDER BY with an aggregate"));
        }
        if select.distinct {
            return Err(QueryError::not_supported(order.span, "DISTINCT with ORDER BY"));
        }
    }
    let (mut skip, mut take) = (0, None);
    if let Some((offset, limit)) = &select.page {
        skip = scope.count(offset)?;
        take = Some(scope.count(limit)?);
        if let Some(Count::Literal(_) | Count::Parameter(..)) = select.top {
            let message = "TOP cannot be used together with OFFSET and LIMIT.";
            return Err(QueryError::new(QueryCode::Syntax, select.list_span, message));
        }
    }
    if let Some(top) = &select.top {
        take = Some(scope.count(top)?);
    }
    let aggregates = scope.aggregates;
    Ok(Program { sources, filter, projection, aggregates, order, distinct: select.distinct, skip, take })
}

impl Scope<'_> {
    fn sources(&mut self, from: &From) -> Result<Vec<RowSource>, QueryError> {
        let mut sources = Vec::new();
        for (index, source) in from.sources.iter().enumerate() {
            let begin = match index {
                0 => None,
                _ => Some(self.slot(&source.name, source.span)?),
            };
            let mut steps = Vec::new();
            for step in &source.path {
                steps.push(self.step(step)?);
            }
            let alias = source.alias.clone().unwrap_or_else(|| source.name.clone());
            if self.names.iter().any(|(name, _)| *name == alias) {
                let message = format!("The name '{alias}' stands more than once in FROM.");
                return Err(QueryError::new(QueryCode::UnknownName, source.span, message));
            }
            self.names.push((alias, index));
            sources.push(RowSource { from: begin, steps, each: source.each });
        }
        Ok(sources)
    }

    fn step(&self, step: &Expr) -> Result<Step, QueryError> {
        match &step.kind {
            Kind::Literal(Value::Text(name)) => Ok(Step::Name(name.to_string())),
            Kind::Literal(Value::Number(number, _)) if whole(*number).is_some() => {
                Ok(Step::Index(whole(*number).unwrap_or_default()))
            }
            _ => Err(QueryError::new(QueryCode::Syntax, step.span, "A path in FROM has names and whole numbers.")),
        }
    }

    fn slot(&self, name: &str, span: Span) -> Result<usize, QueryError> {
        self.names.iter().find(|(own, _)| own == name).map(|(_, slot)| *slot).ok_or_else(|| {
            QueryError::new(QueryCode::UnknownName, span, format!("Identifier '{name}' could not be resolved."))
        })
    }

    fn parameter(&self, name: &str, span: Span) -> Result<Value<'static>, QueryError> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()).ok_or_else(|| {
            QueryError::new(QueryCode::Parameter, span, format!("The query has no value for the parameter '{name}'."))
        })
    }

    fn count(&self, count: &Count) -> Result<u64, QueryError> {
        match count {
            Count::Literal(count) => Ok(*count),
            Count::Parameter(name, span) => match self.parameter(name, *span)? {
                Value::Number(number, _) if whole(number).is_some() => Ok(whole(number).unwrap_or_default() as u64),
                _ => {
                    let message = format!("The parameter '{name}' must be a whole number that is not negative.");
                    Err(QueryError::new(QueryCode::Parameter, *span, message))
                }
            },
        }
    }

    fn projection(&mut self, select: &Select, sources: usize) -> Result<Projection, QueryError> {
        match &select.list {
            SelectList::Everything if sources == 1 => Ok(Projection::Everything),
            SelectList::Everything => {
                let message = "'SELECT *' is only valid with a single input set.";
                Err(QueryError::new(QueryCode::Syntax, select.list_span, message))
            }
            SelectList::Value(expression) => Ok(Projection::Value(self.code(expression)?)),
            SelectList::Named(list) => {
                let mut members: Vec<(String, Code)> = Vec::new();
                for (name, expression) in output_names(list) {
                    if members.iter().any(|(own, _)| *own == name) {
                        let message = format!(
                            "The output has more than one property called '{name}'; give one another name with AS."
                        );
                        return Err(QueryError::new(QueryCode::Syntax, expression.span, message));
                    }
                    members.push((name, self.code(expression)?));
                }
                Ok(Projection::Object(members))
            }
        }
    }

    fn codes(&mut self, list: &[Expr]) -> Result<Vec<Code>, QueryError> {
        list.iter().map(|expression| self.code(expression)).collect()
    }

    fn boxed(&mut self, expression: &Expr) -> Result<Box<Code>, QueryError> {
        self.code(expression).map(Box::new)
    }

    fn three(&mut self, three: &[Expr; 3]) -> Result<Box<[Code; 3]>, QueryError> {
        let [one, two, three] = three;
        Ok(Box::new([self.code(one)?, self.code(two)?, self.code(three)?]))
    }

    fn code(&mut self, expression: &Expr) -> Result<Code, QueryError> {
        Ok(match &expression.kind {
            Kind::Literal(value) => Code::Constant(value.clone()),
            Kind::Parameter(name) => Code::Constant(self.parameter(name, expression.span)?),
            Kind::Name(name) => {
                let slot = self.slot(name, expression.span)?;
                if !self.aggregating {
                    self.used = Some(expression.span);
                }
                Code::Path(slot, Vec::new())
            }
            Kind::Member(of, index) => {
                let of = self.code(of)?;
                member(of, self.code(index)?)
            }
            Kind::Array(list) => Code::Array(self.codes(list)?),
            Kind::Object(members) => {
                let mut made: Vec<(String, Code)> = Vec::new();
                for (name, value) in members {
                    let value = self.code(value)?;
                    match made.iter_mut().find(|(own, _)| own == name) {
                        Some(own) => own.1 = value,
                        None => made.push((name.clone(), value)),
                    }
                }
                Code::Object(made)
            }
            Kind::Not(inner) => Code::Not(self.boxed(inner)?),
            Kind::Negate(inner) => match self.code(inner)? {
                Code::Constant(Value::Number(number, _)) => Code::Constant(Value::Number(-number, None)),
                other => Code::Negate(Box::new(other)),
            },
            Kind::Plus(inner) => Code::Plus(self.boxed(inner)?),
            Kind::Binary(binary, one, two) => {
                let (one, two) = (self.boxed(one)?, self.boxed(two)?);
                match binary {
                    Binary::Compare(comparison) => compared(*comparison, one, two),
                    Binary::Arithmetic(arithmetic) => Code::Arithmetic(*arithmetic, one, two),
                    Binary::Concat => Code::Concat(one, two),
                    Binary::Coalesce => Code::Coalesce(one, two),
                }
            }
            Kind::And(members) => Code::And(self.codes(members)?),
            Kind::Or(members) => Code::Or(self.codes(members)?),
            Kind::Conditional(three) => Code::Conditional(self.three(three)?),
            Kind::Between(three) => Code::Between(self.three(three)?),
            Kind::In(value, list) => Code::In(self.boxed(value)?, self.codes(list)?),
            Kind::Like(value, pattern, escape) => {
                let value = self.boxed(value)?;
                match self.code(pattern)? {
                    Code::Constant(Value::Text(pattern)) => Code::LikePattern(value, Pattern::new(&pattern, *escape)),
                    other => Code::Like(value, Box::new(other), *escape),
                }
            }
            Kind::Call(name, arguments) => self.call(name, arguments, expression.span)?,
        })
    }

    fn call(&mut self, name: &str, arguments: &[Expr], span: Span) -> Result<Code, QueryError> {
        let wrong = |least: usize, most: usize| {
            let message = format!("The function '{name}' takes {least} to {most} arguments, not {}.", arguments.len());
            QueryError::new(QueryCode::Arguments, span, message)
        };
        if let Some(kind) = AggregateKind::named(name) {
            if self.aggregating {
                let message = "An aggregate cannot stand inside another one.";
                return Err(QueryError::new(QueryCode::Aggregate, span, message));
            }
            if !self.selecting {
                let message = format!("The aggregate '{name}' can stand only in SELECT.");
                return Err(QueryError::new(QueryCode::Aggregate, span, message));
            }
            let [argument] = arguments else { return Err(wrong(1, 1)) };
            self.aggregating = true;
            let argument = self.code(argument);
            self.aggregating = false;
            self.aggregates.push(Aggregate { kind, argument: argument? });
            return Ok(Code::Aggregate(self.aggregates.len() - 1));
        }
        let Some(function) = functions::find(name) else {
            if functions::is_known(name) {
                return Err(QueryError::not_supported(span, &format!("The function '{name}'")));
            }
            let message = format!("'{name}' is not a recognized built-in function name.");
            return Err(QueryError::new(QueryCode::UnknownFunction, span, message));
        };
        if !(function.least..=function.most).contains(&arguments.len()) {
            return Err(wrong(function.least, function.most));
        }
        Ok(Code::Call(function.run, self.codes(arguments)?))
    }
}

/// The names of a select list: AS, the last name of a path, or `$1`, `$2`… (reference 5.3).
pub(super) fn output_names(list: &[(Expr, Option<String>)]) -> Vec<(String, &Expr)> {
    let mut unnamed = 0;
    list.iter()
        .map(|(expression, name)| {
            let name = name.clone().or_else(|| path_name(expression)).unwrap_or_else(|| {
                unnamed += 1;
                format!("${unnamed}")
            });
            (name, expression)
        })
        .collect()
}

fn path_name(expression: &Expr) -> Option<String> {
    match &expression.kind {
        Kind::Name(name) => Some(name.clone()),
        Kind::Member(_, index) => match &index.kind {
            Kind::Literal(Value::Text(name)) => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn member(of: Code, index: Code) -> Code {
    let step = match &index {
        Code::Constant(Value::Text(name)) => Some(Step::Name(name.to_string())),
        Code::Constant(Value::Number(number, _)) => whole(*number).map(Step::Index),
        _ => None,
    };
    match (of, step) {
        (Code::Path(slot, mut steps), Some(step)) => {
            steps.push(step);
            Code::Path(slot, steps)
        }
        (of, _) => Code::Member(Box::new(of), Box::new(index)),
    }
}

fn compared(comparison: Comparison, one: Box<Code>, two: Box<Code>) -> Code {
    let is_rid = |code: &Code| matches!(code, Code::Path(0, steps) if matches!(steps.as_slice(), [Step::Name(name)] if name == "_rid"));
    let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    if ordered && (is_rid(&one) || is_rid(&two)) {
        Code::CompareRids(comparison, one, two)
    } else {
        Code::Compare(comparison, one, two)
    }
}
