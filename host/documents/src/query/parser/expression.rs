//! Expressions, by climbing precedences (reference 5.2, loosest to tightest).

use super::super::ast::{Arithmetic, Binary, Comparison, Expr, Kind};
use super::super::error::{QueryCode, QueryError, Span};
use super::super::lexer::Token;
use super::super::value::Value;
use super::Parser;

/// Most operators in a row that do not join into one list.
const DEEPEST_EXPRESSION: u16 = 250;
/// Most members of one AND or OR (reference, section 13).
const MOST_CONDITIONS: usize = 2_000;
/// Most values of one IN (reference, section 13).
const MOST_VALUES: usize = 16_000;

const CONDITIONAL: u8 = 1;
const COALESCE: u8 = 2;
const OR: u8 = 3;
const AND: u8 = 4;
const NOT: u8 = 5;
const COMPARISON: u8 = 6;
const BIT_OR: u8 = 7;
const BIT_XOR: u8 = 8;
const BIT_AND: u8 = 9;
const SHIFT: u8 = 10;
const SUM: u8 = 11;
const PRODUCT: u8 = 12;

/// What stands between two operands.
enum Operator {
    Binary(Binary),
    And,
    Or,
    Conditional,
    Between,
    In,
    Like,
    Negated,
    Bits(&'static str),
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr, QueryError> {
        self.climb(CONDITIONAL)
    }

    /// Reads operators that bind at least as tightly as `lowest`.
    fn climb(&mut self, lowest: u8) -> Result<Expr, QueryError> {
        let mut left = if lowest <= NOT && self.is_keyword("NOT") {
            let begin = self.here();
            self.at += 1;
            let inner = self.nested(|parser| parser.climb(NOT))?;
            self.expr(begin, Kind::Not(Box::new(inner)))?
        } else {
            self.unary()?
        };
        while let Some((level, operator)) = self.operator().filter(|(level, _)| *level >= lowest) {
            left = self.continued(left, level, operator)?;
        }
        Ok(left)
    }

    /// The operator that comes next and how tightly it binds.
    fn operator(&self) -> Option<(u8, Operator)> {
        let compare = |comparison| Some((COMPARISON, Operator::Binary(Binary::Compare(comparison))));
        let arithmetic = |level, arithmetic| Some((level, Operator::Binary(Binary::Arithmetic(arithmetic))));
        match self.peek() {
            Token::Symbol(symbol) => match *symbol {
                "?" => Some((CONDITIONAL, Operator::Conditional)),
                "??" => Some((COALESCE, Operator::Binary(Binary::Coalesce))),
                "=" => compare(Comparison::Equal),
                "!=" | "<>" => compare(Comparison::NotEqual),
                "<" => compare(Comparison::Less),
                "<=" => compare(Comparison::LessOrEqual),
                ">" => compare(Comparison::Greater),
                ">=" => compare(Comparison::GreaterOrEqual),
                "|" => Some((BIT_OR, Operator::Bits("|"))),
                "^" => Some((BIT_XOR, Operator::Bits("^"))),
                "&" => Some((BIT_AND, Operator::Bits("&"))),
                "<<" => Some((SHIFT, Operator::Bits("<<"))),
                ">>" => Some((SHIFT, Operator::Bits(">>"))),
                ">>>" => Some((SHIFT, Operator::Bits(">>>"))),
                "||" => Some((SUM, Operator::Binary(Binary::Concat))),
                "+" => arithmetic(SUM, Arithmetic::Add),
                "-" => arithmetic(SUM, Arithmetic::Subtract),
                "*" => arithmetic(PRODUCT, Arithmetic::Multiply),
                "/" => arithmetic(PRODUCT, Arithmetic::Divide),
                "%" => arithmetic(PRODUCT, Arithmetic::Remainder),
                _ => None,
            },
            Token::Word(_) if self.is_keyword("OR") => Some((OR, Operator::Or)),
            Token::Word(_) if self.is_keyword("AND") => Some((AND, Operator::And)),
            Token::Word(_) if self.is_keyword("BETWEEN") => Some((COMPARISON, Operator::Between)),
            Token::Word(_) if self.is_keyword("IN") => Some((COMPARISON, Operator::In)),
            Token::Word(_) if self.is_keyword("LIKE") => Some((COMPARISON, Operator::Like)),
            Token::Word(_) if self.is_keyword("NOT") => {
                let negates =
                    |keyword: &str| matches!(self.peek_at(1), Token::Word(word) if word.eq_ignore_ascii_case(keyword));
                ["BETWEEN", "IN", "LIKE"].into_iter().any(negates).then_some((COMPARISON, Operator::Negated))
            }
            _ => None,
        }
    }

    /// The expression that an operator makes of what stands before it and what follows.
    fn continued(&mut self, left: Expr, level: u8, operator: Operator) -> Result<Expr, QueryError> {
        let begin = left.span;
        if let Operator::Bits(symbol) = operator {
            return Err(QueryError::not_supported(self.here(), &format!("The operator {symbol}")));
        }
        self.at += 1;
        let kind = match operator {
            Operator::Binary(binary) => {
                let right = self.climb(level + 1)?;
                Kind::Binary(binary, Box::new(left), Box::new(right))
            }
            Operator::And => Kind::And(self.joined(left, AND)?),
            Operator::Or => Kind::Or(self.joined(left, OR)?),
            Operator::Conditional => {
                let yes = self.nested(Self::expression)?;
                self.expect_symbol(":")?;
                let no = self.nested(Self::expression)?;
                Kind::Conditional(Box::new([left, yes, no]))
            }
            Operator::Negated => {
                let Some((level, operator)) = self.operator() else { return Err(self.unexpected()) };
                let inner = self.continued(left, level, operator)?;
                Kind::Not(Box::new(inner))
            }
            Operator::Between => {
                let low = self.climb(COMPARISON + 1)?;
                self.expect_keyword("AND")?;
                let high = self.climb(COMPARISON + 1)?;
                Kind::Between(Box::new([left, low, high]))
            }
            Operator::In => self.in_list(left)?,
            Operator::Like => self.like(left)?,
            Operator::Bits(_) => return Err(self.unexpected()),
        };
        self.expr(begin, kind)
    }

    /// One list for a row of the same operator, so that a long row is not a deep tree.
    fn joined(&mut self, left: Expr, level: u8) -> Result<Vec<Expr>, QueryError> {
        let mut members = match left {
            Expr { kind: Kind::And(members), .. } if level == AND => members,
            Expr { kind: Kind::Or(members), .. } if level == OR => members,
            other => vec![other],
        };
        members.push(self.climb(level + 1)?);
        if members.len() > MOST_CONDITIONS {
            let message = format!("At most {MOST_CONDITIONS} conditions can be joined with AND or OR.");
            return Err(QueryError::new(QueryCode::Limit, self.before(), message));
        }
        Ok(members)
    }

    fn in_list(&mut self, left: Expr) -> Result<Kind, QueryError> {
        self.expect_symbol("(")?;
        if self.is_keyword("SELECT") {
            return Err(QueryError::not_supported(self.here(), "A subquery"));
        }
        let values = self.nested(Self::list)?;
        self.expect_symbol(")")?;
        if values.len() > MOST_VALUES {
            let message = format!("IN takes at most {MOST_VALUES} values.");
            return Err(QueryError::new(QueryCode::Limit, self.before(), message));
        }
        Ok(Kind::In(Box::new(left), values))
    }

    fn like(&mut self, left: Expr) -> Result<Kind, QueryError> {
        let pattern = self.climb(COMPARISON + 1)?;
        if !self.take_keyword("ESCAPE") {
            return Ok(Kind::Like(Box::new(left), Box::new(pattern), None));
        }
        let span = self.here();
        let Token::Text(escape) = self.advance() else {
            self.at -= 1;
            return Err(self.unexpected());
        };
        let mut characters = escape.chars();
        match (characters.next(), characters.next()) {
            (Some(escape), None) => Ok(Kind::Like(Box::new(left), Box::new(pattern), Some(escape))),
            _ => Err(QueryError::new(QueryCode::Syntax, span, "Syntax error, ESCAPE takes a string of one character.")),
        }
    }

    fn unary(&mut self) -> Result<Expr, QueryError> {
        let begin = self.here();
        match self.peek() {
            Token::Symbol("-") => {
                self.at += 1;
                let inner = self.nested(Self::unary)?;
                self.expr(begin, Kind::Negate(Box::new(inner)))
            }
            Token::Symbol("+") => {
                self.at += 1;
                let inner = self.nested(Self::unary)?;
                self.expr(begin, Kind::Plus(Box::new(inner)))
            }
            Token::Symbol("~") => Err(QueryError::not_supported(begin, "The operator ~")),
            _ => self.postfix(),
        }
    }

    fn postfix(&mut self) -> Result<Expr, QueryError> {
        let begin = self.here();
        let mut expression = self.primary()?;
        loop {
            let at = self.here();
            let index = if self.take_symbol(".") {
                match self.advance() {
                    Token::Word(word) => self.expr(at, Kind::Literal(Value::text(word)))?,
                    _ => {
                        self.at -= 1;
                        return Err(self.unexpected());
                    }
                }
            } else if self.take_symbol("[") {
                let index = self.nested(Self::expression)?;
                self.expect_symbol("]")?;
                index
            } else {
                return Ok(expression);
            };
            expression = self.expr(begin, Kind::Member(Box::new(expression), Box::new(index)))?;
        }
    }

    fn primary(&mut self) -> Result<Expr, QueryError> {
        let begin = self.here();
        let kind = match self.peek().clone() {
            Token::Number(number) => {
                self.at += 1;
                Kind::Literal(Value::Number(number, None))
            }
            Token::Text(text) => {
                self.at += 1;
                Kind::Literal(Value::text(text))
            }
            Token::Parameter(name) => {
                self.at += 1;
                Kind::Parameter(name.to_owned())
            }
            Token::Symbol("(") => {
                self.at += 1;
                if self.is_keyword("SELECT") {
                    return Err(QueryError::not_supported(begin, "A subquery"));
                }
                let mut inner = self.nested(Self::expression)?;
                self.expect_symbol(")")?;
                inner.span = begin.to(self.before());
                return Ok(inner);
            }
            Token::Symbol("[") => {
                self.at += 1;
                let elements = if self.is_symbol("]") { Vec::new() } else { self.nested(Self::list)? };
                self.expect_symbol("]")?;
                Kind::Array(elements)
            }
            Token::Symbol("{") => {
                self.at += 1;
                self.nested(Self::object)?
            }
            Token::Word(word) => self.word(word, begin)?,
            _ => return Err(self.unexpected()),
        };
        self.expr(begin, kind)
    }

    fn word(&mut self, word: &str, begin: Span) -> Result<Kind, QueryError> {
        let called = matches!(self.peek_at(1), Token::Symbol("("));
        let literal = match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "undefined" => Some(Value::Undefined),
            "udf" => return Err(QueryError::not_supported(begin, "A user-defined function")),
            _ => None,
        };
        if let Some(literal) = literal {
            self.at += 1;
            return Ok(Kind::Literal(literal));
        }
        let subquery = called && matches!(self.peek_at(2), Token::Word(word) if word.eq_ignore_ascii_case("SELECT"));
        if subquery || self.is_keyword("EXISTS") {
            return Err(QueryError::not_supported(begin, "A subquery"));
        }
        if !called {
            return self.name().map(Kind::Name);
        }
        let name = word.to_owned();
        self.at += 2;
        let arguments = if self.is_symbol(")") { Vec::new() } else { self.nested(Self::list)? };
        self.expect_symbol(")")?;
        Ok(Kind::Call(name, arguments))
    }

    fn object(&mut self) -> Result<Kind, QueryError> {
        let mut members = Vec::new();
        while !self.is_symbol("}") {
            let name = match self.advance() {
                Token::Text(name) => name,
                Token::Word(name) => name.to_owned(),
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected());
                }
            };
            self.expect_symbol(":")?;
            members.push((name, self.expression()?));
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol("}")?;
        Ok(Kind::Object(members))
    }

    /// An expression from `begin` to the token before, unless it is too deep.
    fn expr(&self, begin: Span, kind: Kind) -> Result<Expr, QueryError> {
        let span = begin.to(self.before());
        let deepest = |list: &[Expr]| list.iter().map(|expr| expr.depth).max().unwrap_or(0);
        let below = match &kind {
            Kind::Literal(_) | Kind::Parameter(_) | Kind::Name(_) => 0,
            Kind::Not(inner) | Kind::Negate(inner) | Kind::Plus(inner) => inner.depth,
            Kind::Member(one, two) | Kind::Binary(_, one, two) | Kind::Like(one, two, _) => one.depth.max(two.depth),
            Kind::Array(list) | Kind::Call(_, list) | Kind::And(list) | Kind::Or(list) => deepest(list),
            Kind::Object(members) => members.iter().map(|(_, expr)| expr.depth).max().unwrap_or(0),
            Kind::Conditional(three) | Kind::Between(three) => deepest(&three[..]),
            Kind::In(value, list) => value.depth.max(deepest(list)),
        };
        if below >= DEEPEST_EXPRESSION {
            let message = format!("An expression may have at most {DEEPEST_EXPRESSION} levels.");
            return Err(QueryError::new(QueryCode::Limit, span, message));
        }
        Ok(Expr { kind, span, depth: below + 1 })
    }
}
