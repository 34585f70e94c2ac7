//! Inputs: seeds, damaged. The generator is seeded, so a run can be had again.

use std::path::Path;

/// No input grows beyond this many bytes.
const MAX_INPUT_BYTES: usize = 64 << 10;

/// Bytes that many grammars treat apart.
const TELLING: &[u8] = b"{}[]()\"'\\/:,;%*?=#.-+ \n\0\xff\xc3e0_$@!~&|^<>";

/// A small generator (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below the limit, which is at least 1.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The seeds of one target, and the words that occur in them.
pub(crate) struct Corpus {
    pub(crate) seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Corpus {
    /// The files of a folder below `corpus/`.
    pub(crate) fn read(target: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
        let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} holds no seeds", folder.display());
        Self::of(paths.iter().map(|path| std::fs::read(path).unwrap()).collect())
    }

    pub(crate) fn of(seeds: Vec<Vec<u8>>) -> Self {
        let mut words: Vec<Vec<u8>> = seeds
            .iter()
            .flat_map(|seed| seed.split_inclusive(|byte| !byte.is_ascii_alphanumeric()))
            .filter(|word| (2..=40).contains(&word.len()))
            .map(<[u8]>::to_vec)
            .collect();
        words.sort();
        words.dedup();
        Self { seeds, words }
    }

    /// A seed with up to six changes; now and then a heap of words instead.
    pub(crate) fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = if random.below(8) == 0 { self.heap(random) } else { random.pick(&self.seeds).clone() };
        for _ in 0..=random.below(6) {
            self.change(&mut input, random);
        }
        input.truncate(MAX_INPUT_BYTES);
        input
    }

    fn heap(&self, random: &mut Random) -> Vec<u8> {
        let mut heap = Vec::new();
        for _ in 0..random.below(30) {
            if random.below(3) == 0 {
                heap.push(*random.pick(TELLING));
            } else if !self.words.is_empty() {
                heap.extend_from_slice(random.pick(&self.words).as_slice());
            }
        }
        heap
    }

    fn change(&self, input: &mut Vec<u8>, random: &mut Random) {
        let at = random.below(input.len() + 1);
        let end = (at + 1 + random.below(16)).min(input.len());
        match random.below(9) {
            0 if at < end => input[at] = u8::try_from(random.below(256)).unwrap(),
            1 if at < end => input[at] ^= 1 << random.below(8),
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at),
            4 => input.insert(at, *random.pick(TELLING)),
            5 if !self.words.is_empty() => drop(input.splice(at..at, random.pick(&self.words).iter().copied())),
            // A part many times over: depth, length, numbers of many digits.
            6 if at < end => {
                let times = 1 << random.below(13);
                let part = input[at..end].repeat(times);
                input.splice(at..at, part.into_iter().take(MAX_INPUT_BYTES));
            }
            // The beginning of this one with the end of another.
            7 => {
                let other = random.pick(&self.seeds);
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ if at < end => {
                let part = input[at..end].to_vec();
                input.splice(at..end, std::iter::empty());
                let to = random.below(input.len() + 1);
                input.splice(to..to, part);
            }
            _ => {}
        }
    }
}
