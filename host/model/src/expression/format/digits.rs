//! A number as decimal digits, which is what formats work on.

/// `0.d₁d₂d₃… × 10^point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) negative: bool,
    /// Values 0 to 9 without zeros at either end; none for zero.
    digits: Vec<u8>,
    /// How many digits stand before the decimal point; negative where zeros follow it.
    pub(super) point: i32,
}

impl Digits {
    /// An integer, exactly.
    pub(super) fn of_integer(value: i128) -> Self {
        let text = value.unsigned_abs().to_string();
        Self::new(value < 0, text.bytes(), i32::try_from(text.len()).unwrap_or(0))
    }

    /// A double: its shortest digits that read back as the same.
    pub(super) fn shortest(value: f64) -> Self {
        Self::of_scientific(&format!("{value:e}"))
    }

    /// A double: all of its digits; no double has more than 767.
    pub(super) fn exact(value: f64) -> Self {
        Self::of_scientific(&format!("{value:.767e}"))
    }

    /// A double: that many digits.
    pub(super) fn significant(value: f64, digits: usize) -> Self {
        Self::of_scientific(&format!("{value:.*e}", digits.saturating_sub(1)))
    }

    /// From Rust's own scientific form, `-1.25e-7`.
    fn of_scientific(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let point = exponent.parse::<i32>().unwrap_or(0) + 1;
        Self::new(negative, mantissa.bytes().filter(u8::is_ascii_digit), point)
    }

    fn new(negative: bool, text: impl Iterator<Item = u8>, point: i32) -> Self {
        let mut number = Self { negative, digits: text.map(|b| b - b'0').collect(), point };
        let zeros = number.digits.iter().take_while(|digit| **digit == 0).count();
        number.digits.drain(..zeros);
        number.point -= i32::try_from(zeros).unwrap_or(0);
        number.trim();
        number
    }

    fn trim(&mut self) {
        let kept = self.digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        self.digits.truncate(kept);
        if kept == 0 {
            self.point = 0;
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// How many digits there are.
    pub(super) fn len(&self) -> usize {
        self.digits.len()
    }

    /// The digit at a position from the left, as a character; `None` behind the last.
    pub(super) fn get(&self, at: usize) -> Option<char> {
        self.digits.get(at).map(|digit| char::from(b'0' + digit))
    }

    /// Keeps that many digits from the left, rounding half away from zero.
    pub(super) fn rounded(mut self, kept: i32) -> Self {
        let Ok(kept) = usize::try_from(kept) else {
            self.digits.clear();
            self.trim();
            return self;
        };
        if kept >= self.digits.len() {
            return self;
        }
        let up = self.digits[kept] >= 5;
        self.digits.truncate(kept);
        if up {
            // Nines become zeros, which go away as zeros at the end do.
            while self.digits.last() == Some(&9) {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(last) => *last += 1,
                None => {
                    self.digits.push(1);
                    self.point += 1;
                }
            }
        }
        self.trim();
        self
    }

    /// Keeps that many digits behind the decimal point.
    pub(super) fn rounded_behind_point(self, places: usize) -> Self {
        let kept = self.point.saturating_add(i32::try_from(places).unwrap_or(i32::MAX));
        self.rounded(kept)
    }

    /// The digit for 10^power.
    fn at_power(&self, power: i32) -> char {
        let at = i64::from(self.point) - 1 - i64::from(power);
        usize::try_from(at).ok().and_then(|at| self.get(at)).unwrap_or('0')
    }

    /// Without sign: all digits before the point, in groups of three if wanted, and that many behind it.
    pub(super) fn plain(&self, places: usize, grouped: bool) -> String {
        let mut text = String::new();
        for power in (0..self.point.max(1)).rev() {
            text.push(self.at_power(power));
            if grouped && power > 0 && power % 3 == 0 {
                text.push(',');
            }
        }
        if places > 0 {
            text.push('.');
            let places = i32::try_from(places).unwrap_or(0);
            text.extend((1..=places).map(|place| self.at_power(-place)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_away_from_zero_and_carries() {
        let plain = |value: f64, places| Digits::exact(value).rounded_behind_point(places).plain(places, false);
        assert_eq!(plain(2.5, 0), "3");
        assert_eq!(plain(0.125, 2), "0.13");
        assert_eq!(plain(1.005, 2), "1.00");
        assert_eq!(plain(99.996, 2), "100.00");
        assert_eq!(plain(0.04, 1), "0.0");
        assert_eq!(plain(0.06, 1), "0.1");
        assert_eq!(plain(0.6, 0), "1");
        assert_eq!(plain(0.0004, 2), "0.00");
        assert_eq!(Digits::of_integer(-1_234_567).plain(1, true), "1,234,567.0");
        assert_eq!(Digits::of_integer(0).plain(0, true), "0");
    }
}
