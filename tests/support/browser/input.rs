use serde_json::{Value, json};

use super::Browser;

/// Where the mouse can point at the only one of some elements, or why it can't.
const POINT: &str = r#"
(elements => {
    if (elements.length !== 1) return `there are ${elements.length} of it`;
    const [element] = elements;
    element.scrollIntoView({block: "center", behavior: "instant"});
    // A link can go over the end of a line.
    const [box] = element.getClientRects();
    if (!box) return "it isn't shown";
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const there = document.elementFromPoint(x, y);
    if (!element.contains(there)) return `it is under ${there ? there.outerHTML : "nothing"}`;
    return {x, y};
})
"#;

/// The innermost elements that are shown and hold a text, and no other.
const BY_TEXT: &str = r#"
(text => {
    const read = element => (element.matches("input") ? element.value : element.textContent).trim().replace(/\s+/g, " ");
    const matches = element => element.getClientRects().length > 0 && read(element) === text;
    const elements = [...document.body.querySelectorAll("*")];
    return elements.filter(element => matches(element) && ![...element.children].some(matches));
})
"#;

/// A key on the keyboard.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Enter,
    Tab,
}

impl Browser {
    /// Clicks on the only element that a CSS selector selects.
    pub(crate) async fn click(&mut self, selector: &str) {
        let point = self.point(selector, &by_selector(selector)).await;
        self.click_at(&point).await;
    }

    /// Clicks on the only element with a text.
    pub(crate) async fn click_text(&mut self, text: &str) {
        let point = self.point(text, &format!("{BY_TEXT}({})", json!(text))).await;
        self.click_at(&point).await;
    }

    /// Moves the mouse over the only element that a CSS selector selects.
    pub(crate) async fn hover(&mut self, selector: &str) {
        let point = self.point(selector, &by_selector(selector)).await;
        self.mouse("mouseMoved", &point, "none").await;
    }

    /// Presses a key and lets it go.
    pub(crate) async fn press(&mut self, key: Key) {
        self.left = self.record.loaded.clone();
        let (name, code, text) = match key {
            Key::Enter => ("Enter", 13, "\r"),
            Key::Tab => ("Tab", 9, ""),
        };
        for way in ["keyDown", "keyUp"] {
            let mut event = json!({"type": way, "key": name, "code": name, "windowsVirtualKeyCode": code});
            if way == "keyDown" {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    async fn point(&mut self, what: &str, elements: &str) -> Value {
        // A page takes no mouse before it has been drawn.
        self.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))").await;
        let point = self.evaluate(&format!("{POINT}({elements})")).await;
        assert!(point.is_object(), "the mouse can't point at {what:?}: {point}");
        point
    }

    async fn click_at(&mut self, point: &Value) {
        self.left = self.record.loaded.clone();
        self.mouse("mouseMoved", point, "none").await;
        self.mouse("mousePressed", point, "left").await;
        self.mouse("mouseReleased", point, "left").await;
    }

    async fn mouse(&mut self, way: &str, point: &Value, button: &str) {
        let event = json!({"type": way, "x": point["x"], "y": point["y"], "button": button, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event).await;
    }
}

fn by_selector(selector: &str) -> String {
    format!("document.querySelectorAll({})", json!(selector))
}
