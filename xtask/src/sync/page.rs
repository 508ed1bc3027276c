//! The vendor's Markdown pages: without their rotating banner, and the OpenAPI block that a reference page carries.

/// The banner names an index of the documentation, at an address that changes from visit to visit.
const BANNERS: [&str; 2] = ["documentation index", "llms.txt"];

/// The page as its author wrote it: without the banner, and with line feeds only.
pub(crate) fn without_banner(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let quoted = lines[at..]
            .iter()
            .take_while(|line| line.starts_with('>'))
            .count();
        let group = &lines[at..at + quoted.max(1)];
        let banner = quoted > 0
            && group.iter().any(|line| {
                let line = line.to_lowercase();
                BANNERS.iter().any(|banner| line.contains(banner))
            });
        if !banner {
            kept.extend(group);
        }
        at += group.len();
    }
    let mut page = kept.join("\n").trim_start_matches('\n').to_owned();
    if text.ends_with('\n') && !page.ends_with('\n') {
        page.push('\n');
    }
    page
}

/// The OpenAPI block of a reference page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The operation that the page is about, as `METHOD /path`.
    pub(crate) operation: String,
    /// The document.
    pub(crate) text: String,
}

/// Finds the fence of four or more backticks whose first line names a method and a path.
pub(crate) fn block(page: &str) -> Result<Block, String> {
    let mut lines = page.lines();
    let (fence, info) = lines
        .by_ref()
        .find_map(|line| {
            let info = line.trim_start_matches('`');
            let fence = &line[..line.len() - info.len()];
            (fence.len() >= 4 && !info.trim().is_empty()).then_some((fence, info))
        })
        .ok_or("the page has no OpenAPI block (a fence of four backticks)")?;
    let words: Vec<&str> = info.split_whitespace().collect();
    let operation = match words.as_slice() {
        [.., method, path] if path.starts_with('/') => {
            format!("{} {path}", method.to_uppercase())
        }
        _ => {
            return Err(format!(
                "the page's block does not say whose it is: `{info}`"
            ));
        }
    };
    let mut text = String::new();
    for line in lines {
        if line.trim_end() == fence {
            return Ok(Block { operation, text });
        }
        text.push_str(line);
        text.push('\n');
    }
    Err("the page's OpenAPI block does not end: the page is cut off".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str =
        "# Things\n\n> A remark.\n\n````yaml /api.json post /things\nopenapi: 3.1.0\n```\n````\n";

    #[test]
    fn a_page_is_the_same_under_any_banner() {
        for host in ["a.example", "b.example"] {
            let banner = format!("> ## Documentation Index\n> See https://{host}/llms.txt\n\n");
            assert_eq!(without_banner(&(banner + BODY)), BODY);
        }
        assert_eq!(without_banner(BODY), BODY);
        assert_eq!(without_banner(&BODY.replace('\n', "\r\n")), BODY);
    }

    #[test]
    fn a_block_ends_at_its_own_fence_only() {
        let block = block(BODY).unwrap();
        assert_eq!(block.operation, "POST /things");
        assert_eq!(block.text, "openapi: 3.1.0\n```\n");
    }

    #[test]
    fn a_page_that_is_cut_off_is_refused() {
        let cut = BODY.strip_suffix("````\n").unwrap();
        assert!(block(cut).unwrap_err().contains("cut off"));
        assert!(
            block("# Things\n")
                .unwrap_err()
                .contains("no OpenAPI block")
        );
    }
}
