use super::Quality;

pub(super) const ENGLISH: Quality = Quality {
    spotless: "No day is missing or incomplete, and none was estimated or corrected.",
    years: "Years",
    all_years: "All years",
    missing: "Missing days",
    missing_means: "Nothing is known of these days. There is nothing to do for those that are late or not asked for yet: \
                    they come by themselves.",
    partial: "Incomplete days",
    partial_means: "A part of these days is known. There is nothing to do: the rest is asked for again by itself.",
    daily_only: "Days with a daily total only",
    daily_only_means: [
        "The energy of these days is known, but not when it flowed. The portal has quarter-hours since the day on which they \
         were switched on at mijn.fluvius.be; when recent days stand here, look there whether they still are.",
        "The gas of these days is known, but not when it flowed. The portal has hours since the day on which they were \
         switched on at mijn.fluvius.be; when recent days stand here, look there whether they still are.",
    ],
    absent: "Days that the portal doesn't have",
    absent_means: "The portal has nothing of these days, for instance because they lie before your contract. They count for \
                   nothing and are not asked for any more; if you have them in an export of the portal, import that.",
    estimated: "Days with estimated readings",
    estimated_means: "The portal has not called these readings valid, so they may be estimates. They count all the same. There \
                      is nothing to do: what the portal makes of them later is taken over.",
    corrected: "Corrected days",
    corrected_means: "The portal has published other readings than before. There is nothing to do: totals and statistics \
                      follow.",
    from: "",
    to: " to ",
    seen: "seen",
    daily_wanted: "This meter has daily totals, as the configuration asks.",
    daily_granted: [
        "This meter has daily totals. If you want quarter-hours, switch them on at mijn.fluvius.be; they begin on that day.",
        "This meter has daily totals. If you want hours, switch them on at mijn.fluvius.be; they begin on that day.",
    ],
    unasked: "not asked for yet; that is done with a poll or in the back-fill after it",
    before: "before the start of the history; set an earlier history_from if you want it",
    forgotten: "older than the three years that the portal keeps; it can only come from an export that you have",
    part_now: "the rest is awaited",
    part_finally: "the portal has no more of it; what is known counts",
    quarters: ["quarter-hour", "quarter-hours"],
    hours: ["hour", "hours"],
    daily_total: "daily total",
    readings: ["reading", "readings"],
    day: ["day", "days"],
    estimates: ["estimated reading", "estimated readings"],
};

pub(super) const DUTCH: Quality = Quality {
    spotless: "Er ontbreekt geen dag, en geen enkele is onvolledig, geschat of gecorrigeerd.",
    years: "Jaren",
    all_years: "Alle jaren",
    missing: "Ontbrekende dagen",
    missing_means: "Van deze dagen is niets bekend. Voor dagen die laat zijn of nog niet opgevraagd zijn, hoef je niets te doen: ze \
                    komen vanzelf.",
    partial: "Onvolledige dagen",
    partial_means: "Van deze dagen is een deel bekend. Je hoeft niets te doen: de rest wordt vanzelf opnieuw gevraagd.",
    daily_only: "Dagen met alleen een dagtotaal",
    daily_only_means: [
        "De energie van deze dagen is bekend, maar niet het verloop. Het portaal heeft kwartierwaarden vanaf de dag waarop ze op \
         mijn.fluvius.be aangezet zijn; staan hier recente dagen, kijk daar dan of ze nog aanstaan.",
        "Het gas van deze dagen is bekend, maar niet het verloop. Het portaal heeft uurwaarden vanaf de dag waarop ze op \
         mijn.fluvius.be aangezet zijn; staan hier recente dagen, kijk daar dan of ze nog aanstaan.",
    ],
    absent: "Dagen die het portaal niet heeft",
    absent_means: "Het portaal heeft niets van deze dagen, bijvoorbeeld omdat ze vóór het begin van je contract \
                   liggen. Ze tellen niet mee en worden niet meer gevraagd; heb je ze in een export van het portaal, \
                   importeer die dan.",
    estimated: "Dagen met geschatte waarden",
    estimated_means: "Het portaal heeft deze waarden niet gevalideerd, het kunnen dus schattingen zijn. Ze tellen wel mee. Je \
                      hoeft niets te doen: wat het portaal er later van maakt, wordt overgenomen.",
    corrected: "Gecorrigeerde dagen",
    corrected_means: "Het portaal heeft andere waarden gepubliceerd dan eerder. Je hoeft niets te doen: totalen en \
                      statistieken volgen.",
    from: "",
    to: " tot en met ",
    seen: "gezien",
    daily_wanted: "Deze meter heeft dagtotalen, zoals de configuratie vraagt.",
    daily_granted: [
        "Deze meter heeft dagtotalen. Wil je kwartierwaarden, zet ze dan aan op mijn.fluvius.be; ze beginnen op die dag.",
        "Deze meter heeft dagtotalen. Wil je uurwaarden, zet ze dan aan op mijn.fluvius.be; ze beginnen op die dag.",
    ],
    unasked: "nog niet opgevraagd; dat gebeurt bij een bevraging, of daarna samen met de oudere historiek",
    before: "vóór het begin van de historiek; stel history_from vroeger in als je die wilt",
    forgotten: "ouder dan de drie jaar die het portaal bewaart; alleen een export die je zelf nog hebt, kan ze \
                aanvullen",
    part_now: "de rest wordt verwacht",
    part_finally: "meer heeft het portaal er niet van; wat bekend is, telt",
    quarters: ["kwartierwaarde", "kwartierwaarden"],
    hours: ["uurwaarde", "uurwaarden"],
    daily_total: "dagtotaal",
    readings: ["waarde", "waarden"],
    day: ["dag", "dagen"],
    estimates: ["geschatte waarde", "geschatte waarden"],
};

pub(super) const FRENCH: Quality = Quality {
    spotless: "Aucun jour n'est manquant ou incomplet, et aucun n'a été estimé ou corrigé.",
    years: "Années",
    all_years: "Toutes les années",
    missing: "Jours manquants",
    missing_means: "Aucune donnée n'est connue pour ces jours. Il n'y a rien à faire pour ceux qui sont en retard ou \
                    pas encore demandés : ils arriveront automatiquement.",
    partial: "Jours incomplets",
    partial_means: "Une partie de ces jours est connue. Il n'y a rien à faire : le reste est redemandé automatiquement.",
    daily_only: "Jours avec total journalier seul",
    daily_only_means: [
        "L'énergie de ces jours est connue, mais pas sa répartition dans la journée. Le portail a des valeurs \
         quart-horaires depuis le jour où elles ont été activées sur mijn.fluvius.be ; si des jours récents figurent \
         ici, vérifiez sur ce site qu'elles le sont toujours.",
        "Le gaz de ces jours est connu, mais pas sa répartition dans la journée. Le portail a des valeurs horaires \
         depuis le jour où elles ont été activées sur mijn.fluvius.be ; si des jours récents figurent ici, vérifiez \
         sur ce site qu'elles le sont toujours.",
    ],
    absent: "Jours que le portail n'a pas",
    absent_means: "Le portail n'a rien de ces jours, par exemple parce qu'ils précèdent votre contrat. Ils ne comptent pas et ne \
                   sont plus demandés ; si vous les avez dans un export du portail, importez-le.",
    estimated: "Jours avec valeurs estimées",
    estimated_means: "Le portail n'a pas validé ces valeurs ; ce sont peut-être des estimations. Elles comptent quand même. Il n'y \
                      a rien à faire : ce que le portail publiera plus tard sera repris.",
    corrected: "Jours corrigés",
    corrected_means: "Le portail a publié d'autres valeurs qu'auparavant. Il n'y a rien à faire : les totaux et les \
                      statistiques suivent.",
    from: "Du ",
    to: " au ",
    seen: "vu",
    daily_wanted: "Ce compteur a des totaux journaliers, comme la configuration le demande.",
    daily_granted: [
        "Ce compteur a des totaux journaliers. Si vous voulez des valeurs quart-horaires, activez-les sur mijn.fluvius.be ; elles \
         commencent ce jour-là.",
        "Ce compteur a des totaux journaliers. Si vous voulez des valeurs horaires, activez-les sur mijn.fluvius.be ; elles \
         commencent ce jour-là.",
    ],
    unasked: "pas encore demandé ; il le sera lors d'une interrogation ou ensuite, avec le reste de l'historique",
    before: "avant le début de l'historique ; indiquez une date antérieure dans history_from si vous en voulez",
    forgotten: "plus ancien que les trois ans que le portail conserve ; seul un export que vous possédez encore peut \
                combler ce manque",
    part_now: "le reste est attendu",
    part_finally: "le portail n'en a pas plus ; ce qui est connu compte",
    quarters: ["valeur quart-horaire", "valeurs quart-horaires"],
    hours: ["valeur horaire", "valeurs horaires"],
    daily_total: "total journalier",
    readings: ["valeur", "valeurs"],
    day: ["jour", "jours"],
    estimates: ["valeur estimée", "valeurs estimées"],
};
