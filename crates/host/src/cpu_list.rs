//! The kernel's notation for sets of processors, as in `0-3,8`.

use crate::affinity::MAX_PROCESSORS;

/// The processors that `text` lists, in its order; `None` if it is not such a list or names a processor beyond
/// [`MAX_PROCESSORS`]. An empty text is an empty list.
pub(crate) fn parse(text: &str) -> Option<Vec<usize>> {
    let mut processors = Vec::new();
    for part in text.trim().split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        if first > last || last >= MAX_PROCESSORS {
            return None;
        }
        processors.extend(first..=last);
    }
    Some(processors)
}

/// `processors` in the same notation, without ranges, or `none`.
pub(crate) fn display(processors: &[usize]) -> String {
    if processors.is_empty() {
        return "none".to_owned();
    }
    processors.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn single_processors_and_ranges_are_read_as_the_kernel_writes_them() {
        assert_eq!(parse("0-2,5\n"), Some(vec![0, 1, 2, 5]));
        assert_eq!(parse("\n"), Some(vec![]));
        for wrong in ["a", "3-1", "1-", "-2", "1024", "0-99999999999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_displayed_is_read_back(processors in proptest::collection::vec(0..MAX_PROCESSORS, 1..20)) {
            prop_assert_eq!(parse(&display(&processors)), Some(processors));
        }

        #[test]
        fn no_text_makes_the_parser_fail_loudly(text in ".*") {
            let _ = parse(&text);
        }
    }
}
