use std::fs;

use super::Browser;
use crate::support::tools;

/// The rules of WCAG at level AA, and what is good besides. The only one of WCAG 2.2 is off unless it is asked for.
const RUN: &str = r#"
axe.run(document, {
    resultTypes: ["violations"],
    rules: {"target-size": {enabled: true}},
}).then(({violations}) => violations.flatMap(({impact, id, help, nodes}) =>
    nodes.map(({target}) => `${impact} ${id}: ${help} (${target.join(" ")})`)))
"#;

impl Browser {
    /// What axe-core finds wrong with the page for people who can't see, hear or move well, such as
    /// `critical image-alt: Images must have alternative text (img)`.
    pub(crate) async fn accessibility(&mut self) -> Vec<String> {
        let axe = tools().join("axe/axe_playwright_python/axe.min.js");
        let axe = fs::read_to_string(axe).expect("axe-core; run tests/real/install axe");
        self.evaluate(&format!("{axe};0")).await;
        let mut found: Vec<String> = serde_json::from_value(self.evaluate(RUN).await).unwrap();
        found.sort();
        found
    }

    /// Asserts that nothing is wrong with the page that keeps anybody from using it.
    pub(crate) async fn assert_accessible(&mut self) {
        let found = self.accessibility().await;
        let grave = |line: &&String| line.starts_with("serious ") || line.starts_with("critical ");
        assert_eq!(found.iter().filter(grave).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
