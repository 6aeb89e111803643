use serde_json::json;

use super::Browser;

impl Browser {
    /// Prefers languages from now on, the best first, such as `nl-BE,nl`.
    pub(crate) async fn languages(&mut self, languages: &str) {
        let agent = self.call("Browser.getVersion", json!({})).await["userAgent"].take();
        let languages = json!({"userAgent": agent, "acceptLanguage": languages});
        self.call("Emulation.setUserAgentOverride", languages).await;
    }

    /// Prefers a colour scheme, `light` or `dark`.
    pub(crate) async fn colour_scheme(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// Becomes a phone that is held upright.
    pub(crate) async fn phone(&mut self) {
        let size = json!({"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": true});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        self.call("Emulation.setTouchEmulationEnabled", json!({"enabled": true, "maxTouchPoints": 5})).await;
    }
}
