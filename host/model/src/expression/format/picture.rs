//! Number pictures, .NET's custom numeric formats: `0`, `#`, `.`, `,`, `%`, `‰`, `E0`, quotes, `\` and up to three sections.

use super::MAX_PRECISION;
use super::digits::Digits;

#[cfg(test)]
mod tests;

/// Writes a number by a picture.
pub(super) fn format(digits: Digits, picture: &str) -> Result<String, String> {
    let sections = sections(picture)?;
    let chosen = |at: usize| sections.get(at).filter(|section| !section.is_empty());
    let zero = chosen(2).or_else(|| sections.first());
    let (section, signed) = match () {
        () if digits.is_zero() => (zero, false),
        () if digits.negative => match chosen(1) {
            Some(section) => (Some(section), false),
            None => (sections.first(), true),
        },
        () => (sections.first(), true),
    };
    let Some(section) = section else { return Ok(String::new()) };
    let layout = Layout::of(section)?;
    let rounded = layout.rounded(digits);
    if rounded.is_zero()
        && let Some(zero) = zero
    {
        let layout = Layout::of(zero)?;
        let nothing = layout.rounded(Digits::of_integer(0));
        return Ok(layout.write(zero, &nothing, false));
    }
    let negative = signed && rounded.negative;
    Ok(layout.write(section, &rounded, negative))
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// `0` or `#`.
    Digit {
        zero: bool,
    },
    Point,
    Comma,
    Percent,
    PerMille,
    /// `E0`, `E+00`, `e-0`: the letter, whether a plus is written, and the least number of digits.
    Exponent {
        letter: char,
        plus: bool,
        width: usize,
    },
    Literal(char),
}

/// Splits at semicolons and reads each section.
fn sections(picture: &str) -> Result<Vec<Vec<Token>>, String> {
    let mut sections = vec![Vec::new()];
    let mut chars = picture.chars().peekable();
    while let Some(c) = chars.next() {
        let token = match c {
            ';' => {
                sections.push(Vec::new());
                continue;
            }
            '0' | '#' => Token::Digit { zero: c == '0' },
            '.' => Token::Point,
            ',' => Token::Comma,
            '%' => Token::Percent,
            '\u{2030}' => Token::PerMille,
            '\\' => match chars.next() {
                Some(escaped) => Token::Literal(escaped),
                None => continue,
            },
            '\'' | '"' => {
                let section = sections.last_mut();
                let quoted: Vec<Token> = chars.by_ref().take_while(|other| *other != c).map(Token::Literal).collect();
                if let Some(section) = section {
                    section.extend(quoted);
                }
                continue;
            }
            'E' | 'e' => exponent(c, &mut chars),
            other => Token::Literal(other),
        };
        if let Some(section) = sections.last_mut() {
            section.push(token);
        }
    }
    match sections.len() {
        0..=3 => Ok(sections),
        _ => Err("a picture has at most three sections: for positive numbers, negative ones and zero".to_owned()),
    }
}

/// What an `E` begins: an exponent if zeros follow, else it is a letter.
fn exponent(letter: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Token {
    let mut ahead = chars.clone();
    let plus = ahead.peek() == Some(&'+');
    if plus || ahead.peek() == Some(&'-') {
        ahead.next();
    }
    let mut width = 0;
    while ahead.peek() == Some(&'0') {
        ahead.next();
        width += 1;
    }
    if width == 0 {
        return Token::Literal(letter);
    }
    *chars = ahead;
    Token::Exponent { letter, plus, width: width.min(10) }
}

/// What the digits of a section ask for.
struct Layout {
    /// Digits before the decimal point, and all.
    before: i32,
    count: i32,
    /// From the first `0` on, this many digits before the point are always written, and this many behind it.
    least_before: i32,
    least_behind: i32,
    /// Powers of ten by which the number is multiplied.
    scale: i32,
    grouped: bool,
    scientific: bool,
}

impl Layout {
    fn of(section: &[Token]) -> Result<Self, String> {
        let (mut count, mut point, mut scale, mut scientific) = (0, None, 0, false);
        let (mut first_zero, mut last_zero) = (None, 0);
        // Commas since the last digit: before the point they divide by a thousand each, between digits they group.
        let (mut commas, mut grouped) = (0, false);
        for token in section {
            match token {
                Token::Digit { zero } => {
                    if point.is_none() && commas > 0 {
                        (grouped, commas) = (true, 0);
                    }
                    count += 1;
                    if *zero {
                        first_zero = first_zero.or(Some(count - 1));
                        last_zero = count;
                    }
                }
                Token::Point => point = point.or(Some(count)),
                Token::Comma if count > 0 && point.is_none() => commas += 1,
                Token::Percent => scale += 2,
                Token::PerMille => scale += 3,
                Token::Exponent { .. } => scientific = true,
                Token::Comma | Token::Literal(_) => {}
            }
        }
        if usize::try_from(count).unwrap_or(usize::MAX) > MAX_PRECISION || commas > 9 {
            return Err(format!("more than {MAX_PRECISION} digits or too many commas are in it"));
        }
        let before = point.unwrap_or(count);
        Ok(Self {
            before,
            count,
            least_before: (before - first_zero.unwrap_or(before)).max(0),
            least_behind: (last_zero - before).max(0),
            scale: scale - 3 * commas,
            grouped,
            scientific,
        })
    }

    /// The number scaled, with no more digits than are written.
    fn rounded(&self, mut digits: Digits) -> Digits {
        if digits.is_zero() {
            return digits;
        }
        digits.point += self.scale;
        let kept = if self.scientific { self.count } else { digits.point + self.count - self.before };
        digits.rounded(kept)
    }

    fn write(&self, section: &[Token], digits: &Digits, negative: bool) -> String {
        let mut writer = Writer { layout: self, digits, next: 0, text: String::new(), place: self.before, ahead: 0 };
        if !self.scientific {
            writer.place = digits.point.max(self.before);
            writer.ahead = digits.point - self.before;
        }
        if negative {
            writer.text.push('-');
        }
        let mut pointed = false;
        for token in section {
            match token {
                Token::Digit { .. } => {
                    writer.surplus();
                    writer.digit();
                }
                Token::Point => {
                    writer.surplus();
                    let more = self.before < self.count && writer.next < digits.len();
                    if writer.place == 0 && !pointed && (self.least_behind > 0 || more) {
                        writer.text.push('.');
                        pointed = true;
                    }
                }
                Token::Comma => {}
                Token::Percent => writer.text.push('%'),
                Token::PerMille => writer.text.push('\u{2030}'),
                Token::Exponent { letter, plus, width } => {
                    let exponent = if digits.is_zero() { 0 } else { digits.point - self.before };
                    let sign = match exponent {
                        ..0 => "-",
                        _ if *plus => "+",
                        _ => "",
                    };
                    writer.text.push_str(&format!("{letter}{sign}{:0>width$}", exponent.unsigned_abs()));
                }
                Token::Literal(c) => writer.text.push(*c),
            }
        }
        writer.text
    }
}

struct Writer<'a> {
    layout: &'a Layout,
    digits: &'a Digits,
    /// Position of the next digit of the number.
    next: usize,
    text: String,
    /// Places that are left before the decimal point; 0 is at the point, negative behind it.
    place: i32,
    /// Digits of the number that stand before the first place of the picture, or, negative, places without a digit.
    ahead: i32,
}

impl Writer<'_> {
    /// Writes the digits for which the picture has no place of its own.
    fn surplus(&mut self) {
        while self.ahead > 0 {
            let digit = self.digits.get(self.next);
            self.next += 1;
            self.put(digit.unwrap_or('0'));
            self.ahead -= 1;
            self.place -= 1;
        }
    }

    fn digit(&mut self) {
        let digit = if self.ahead < 0 {
            self.ahead += 1;
            (self.place <= self.layout.least_before).then_some('0')
        } else {
            let digit = self.digits.get(self.next);
            self.next += usize::from(digit.is_some());
            digit.or_else(|| (self.place > -self.layout.least_behind).then_some('0'))
        };
        if let Some(digit) = digit {
            self.put(digit);
        }
        self.place -= 1;
    }

    fn put(&mut self, digit: char) {
        self.text.push(digit);
        if self.layout.grouped && self.place > 1 && (self.place - 1) % 3 == 0 {
            self.text.push(',');
        }
    }
}
