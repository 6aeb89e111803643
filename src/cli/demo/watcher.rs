use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{anyhow, bail};
use rumqttc::{AsyncClient, Event, EventLoop, Packet, Publish, QoS};

use crate::config::{self, Config};
use crate::mqtt::Topics;

/// How long the broker may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// A client of the broker that sees what Home Assistant sees.
pub(super) struct Watcher {
    client: AsyncClient,
    event_loop: EventLoop,
    /// Topics on which something was retained.
    seen: BTreeSet<String>,
    refresh: String,
}

impl Watcher {
    pub(super) async fn connect(settings: &config::Mqtt) -> anyhow::Result<Self> {
        let id = format!("fluvius2mqtt_demo_{:08x}", rand::random::<u32>());
        let options = crate::mqtt::options(settings, &id)?;
        let (client, event_loop) = AsyncClient::new(options, 64);
        let mut watcher = Self { client, event_loop, seen: BTreeSet::new(), refresh: String::new() };
        watcher.until(|packet| matches!(packet, Packet::ConnAck(_))).await?;
        Ok(watcher)
    }

    /// Whether the broker holds something on a topic.
    pub(super) async fn is_retained(&mut self, topic: &str) -> anyhow::Result<bool> {
        self.client.subscribe(topic, QoS::AtLeastOnce).await?;
        // What is retained comes before the answer to the next request.
        self.client.unsubscribe(topic).await?;
        let mut retained = false;
        let ended = |packet: &Packet| {
            retained |= matches!(packet, Packet::Publish(publish) if publish.retain);
            matches!(packet, Packet::UnsubAck(_))
        };
        self.until(ended).await?;
        Ok(retained)
    }

    /// Watches all that the bridge publishes, and nothing else: what is seen here is removed in the end.
    pub(super) async fn watch(&mut self, config: &Config) -> anyhow::Result<()> {
        let topics = Topics::new(&config.mqtt);
        let of_meters = config.meters.iter().flat_map(|meter| [topics.discovery(&meter.ean), topics.state(&meter.ean)]);
        for topic in of_meters.chain([topics.status()]) {
            self.client.subscribe(topic, QoS::AtLeastOnce).await?;
        }
        self.refresh = topics.refresh();
        Ok(())
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> anyhow::Result<Publish> {
        loop {
            if let Event::Incoming(Packet::Publish(publish)) = self.event_loop.poll().await? {
                self.seen.insert(publish.topic.clone());
                return Ok(publish);
            }
        }
    }

    /// Presses the button.
    pub(super) async fn press_refresh(&mut self) -> anyhow::Result<()> {
        Ok(self.client.publish(self.refresh.clone(), QoS::AtLeastOnce, false, "PRESS").await?)
    }

    /// Removes from the broker what the demo left there.
    pub(super) async fn clean_up(&mut self) {
        let mut open = 0_usize;
        // The announcements first: Home Assistant complains of an empty state while it still knows the sensor.
        let seen = std::mem::take(&mut self.seen);
        let (announcements, others): (Vec<_>, Vec<_>) = seen.into_iter().partition(|topic| topic.ends_with("/config"));
        for topic in announcements.into_iter().chain(others) {
            open += usize::from(self.client.try_publish(topic, QoS::AtLeastOnce, true, "").is_ok());
        }
        let confirmed = |packet: &Packet| {
            open = open.saturating_sub(usize::from(matches!(packet, Packet::PubAck(_))));
            open == 0
        };
        // A broker that is gone holds nothing.
        let _ = self.until(confirmed).await;
        let _ = self.client.try_disconnect();
        let _ = tokio::time::timeout(LIMIT, self.event_loop.poll()).await;
    }

    async fn until(&mut self, mut ended: impl FnMut(&Packet) -> bool) -> anyhow::Result<()> {
        let turn = async {
            loop {
                if let Event::Incoming(packet) = self.event_loop.poll().await?
                    && ended(&packet)
                {
                    return anyhow::Ok(());
                }
            }
        };
        match tokio::time::timeout(LIMIT, turn).await {
            Ok(result) => {
                result.map_err(|error| anyhow!("{error}; check the address, user name and password in --broker"))
            }
            Err(_) => bail!("no answer within {} s; check the address in --broker", LIMIT.as_secs()),
        }
    }
}
