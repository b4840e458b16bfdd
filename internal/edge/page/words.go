package page

// words is every text of the page that is ours, in the languages it speaks: by the
// English one, the German, the French and the Spanish. Texts that people wrote, and
// the public API, stay as they are. A test holds that nothing is missing.
var words = map[string][3]string{
	// States, as the components, incidents and maintenances have them.
	"Operational":          {"Betriebsbereit", "Opérationnel", "Operativo"},
	"Under maintenance":    {"In Wartung", "En maintenance", "En mantenimiento"},
	"Degraded performance": {"Beeinträchtigt", "Performances dégradées", "Rendimiento degradado"},
	"Partial outage":       {"Teilausfall", "Panne partielle", "Interrupción parcial"},
	"Major outage":         {"Ausfall", "Panne majeure", "Interrupción grave"},
	"Investigating":        {"Wird untersucht", "Analyse en cours", "En investigación"},
	"Identified":           {"Ursache erkannt", "Cause identifiée", "Causa identificada"},
	"Monitoring":           {"Wird beobachtet", "Sous surveillance", "En observación"},
	"Resolved":             {"Behoben", "Résolu", "Resuelto"},
	"Post-incident report": {"Abschlussbericht", "Rapport d’incident", "Informe posterior"},
	"Scheduled":            {"Geplant", "Prévue", "Programado"},
	"In progress":          {"Im Gange", "En cours", "En curso"},
	"Verifying":            {"Wird geprüft", "En vérification", "En verificación"},
	"Completed":            {"Abgeschlossen", "Terminée", "Completado"},
	"No impact":            {"Keine Auswirkung", "Sans impact", "Sin impacto"},
	"Minor impact":         {"Geringe Auswirkung", "Impact mineur", "Impacto leve"},
	"Major impact":         {"Große Auswirkung", "Impact majeur", "Impacto alto"},
	"Critical impact":      {"Kritische Auswirkung", "Impact critique", "Impacto crítico"},

	// The page as a whole.
	"All Systems Operational":    {"Alle Systeme betriebsbereit", "Tous les systèmes sont opérationnels", "Todos los sistemas operativos"},
	"Service Under Maintenance":  {"Wartung im Gange", "Service en maintenance", "Servicio en mantenimiento"},
	"Partially Degraded Service": {"Teilweise beeinträchtigt", "Service partiellement dégradé", "Servicio parcialmente degradado"},
	"Minor Service Outage":       {"Kleine Störung", "Panne mineure", "Interrupción leve del servicio"},
	"Partial System Outage":      {"Teilausfall", "Panne partielle du système", "Interrupción parcial del sistema"},
	"Major Service Outage":       {"Schwerer Ausfall", "Panne majeure du service", "Interrupción grave del servicio"},

	// Around the content.
	"Skip to content":    {"Zum Inhalt springen", "Aller au contenu", "Ir al contenido"},
	"Page":               {"Seite", "Page", "Página"},
	"History":            {"Verlauf", "Historique", "Historial"},
	"Subscribe":          {"Abonnieren", "S’abonner", "Suscribirse"},
	"Follow this page":   {"Dieser Seite folgen", "Suivre cette page", "Seguir esta página"},
	"Atom feed":          {"Atom-Feed", "Flux Atom", "Canal Atom"},
	"RSS feed":           {"RSS-Feed", "Flux RSS", "Canal RSS"},
	"Support":            {"Hilfe", "Assistance", "Soporte"},
	"Language":           {"Sprache", "Langue", "Idioma"},
	"All times are UTC.": {"Alle Zeiten in UTC.", "Toutes les heures sont en UTC.", "Todas las horas en UTC."},
	"Last change %s.":    {"Letzte Änderung: %s.", "Dernière modification : %s.", "Último cambio: %s."},
	"Checked %s.":        {"Geprüft: %s.", "Vérifié : %s.", "Comprobado: %s."},
	"%s status":          {"%s-Status", "État de %s", "Estado de %s"},
	"This page is yours alone: beside the public status it tells what concerns only you. Whoever has its address can read it.": {
		"Diese Seite ist nur für Sie: Neben dem öffentlichen Status steht hier, was nur Sie betrifft. Wer ihre Adresse kennt, kann sie lesen.",
		"Cette page est à vous seul : outre l’état public, elle dit ce qui ne concerne que vous. Quiconque a son adresse peut la lire.",
		"Esta página es solo suya: además del estado público, cuenta lo que solo le afecta a usted. Quien tenga su dirección puede leerla.",
	},
	"This page may be out of date.": {"Diese Seite ist möglicherweise veraltet.", "Cette page n’est peut-être plus à jour.", "Esta página puede estar desactualizada."},
	"The last automatic update was on %s. Updates that our team posts by hand still appear here.": {
		"Die letzte automatische Aktualisierung war am %s. Meldungen, die unser Team von Hand einträgt, erscheinen weiterhin hier.",
		"La dernière mise à jour automatique date du %s. Les messages que notre équipe publie à la main paraissent toujours ici.",
		"La última actualización automática fue el %s. Los avisos que nuestro equipo publica a mano siguen apareciendo aquí.",
	},
	"The status page is starting": {"Die Statusseite startet", "La page d’état démarre", "La página de estado se está iniciando"},
	"There is nothing to show yet. Please try again in a few seconds.": {
		"Es gibt noch nichts zu zeigen. Bitte versuchen Sie es in einigen Sekunden erneut.",
		"Il n’y a encore rien à montrer. Réessayez dans quelques secondes.",
		"Todavía no hay nada que mostrar. Inténtelo de nuevo en unos segundos.",
	},
	"Not found":                        {"Nicht gefunden", "Introuvable", "No encontrado"},
	"There is nothing at this address": {"Unter dieser Adresse gibt es nichts", "Il n’y a rien à cette adresse", "No hay nada en esta dirección"},
	"The link may be mistyped, or the incident is not public.": {
		"Vielleicht ist der Link falsch geschrieben, oder der Vorfall ist nicht öffentlich.",
		"Le lien est peut-être mal saisi, ou l’incident n’est pas public.",
		"Puede que el enlace esté mal escrito o que el incidente no sea público.",
	},

	// The front page.
	"%d active incidents, see below.":  {"%d laufende Vorfälle, siehe unten.", "%d incidents en cours, voir ci-dessous.", "%d incidentes activos, véase abajo."},
	"next update by":                   {"nächste Meldung bis", "prochaine nouvelle avant", "próximo aviso antes de"},
	"Next update by":                   {"Nächste Meldung bis", "Prochaine nouvelle avant", "Próximo aviso antes de"},
	"Maintenance":                      {"Wartung", "Maintenance", "Mantenimiento"},
	"maintenance":                      {"Wartung", "maintenance", "mantenimiento"},
	"Maintenance in progress":          {"Wartung im Gange", "Maintenance en cours", "Mantenimiento en curso"},
	"Maintenance being verified":       {"Wartung wird geprüft", "Maintenance en vérification", "Mantenimiento en verificación"},
	"Components":                       {"Komponenten", "Composants", "Componentes"},
	"uptime over the past 90 days":     {"Verfügbarkeit der letzten 90 Tage", "disponibilité des 90 derniers jours", "disponibilidad de los últimos 90 días"},
	"Planned maintenance":              {"Geplante Wartung", "Maintenance prévue", "Mantenimiento previsto"},
	"Past incidents":                   {"Vergangene Vorfälle", "Incidents passés", "Incidentes pasados"},
	"14 days":                          {"14 Tage", "14 jours", "14 días"},
	"not over yet, see above":          {"noch nicht vorbei, siehe oben", "pas encore terminé, voir plus haut", "aún no ha terminado, véase arriba"},
	"after %s":                         {"nach %s", "après %s", "tras %s"},
	"post-incident report":             {"Abschlussbericht", "rapport d’incident", "informe posterior"},
	"No incidents reported.":           {"Keine Vorfälle gemeldet.", "Aucun incident signalé.", "Sin incidentes."},
	"All incidents and monthly uptime": {"Alle Vorfälle und monatliche Verfügbarkeit", "Tous les incidents et disponibilité mensuelle", "Todos los incidentes y disponibilidad mensual"},
	"90 days ago":                      {"vor 90 Tagen", "il y a 90 j", "hace 90 días"},
	"today":                            {"heute", "aujourd’hui", "hoy"},
	"%s %% uptime":                     {"%s %% verfügbar", "%s %% disponible", "%s %% disponible"},
	"%s %% uptime of %s, by month":     {"%s %% Verfügbarkeit von %s, nach Monaten", "%s %% de disponibilité de %s, par mois", "%s %% de disponibilidad de %s, por mes"},

	// History.
	"Incident history": {"Verlauf der Vorfälle", "Historique des incidents", "Historial de incidentes"},
	"Incidents of %s":  {"Vorfälle im %s", "Incidents de %s", "Incidentes de %s"},
	"Uptime":           {"Verfügbarkeit", "Disponibilité", "Disponibilidad"},
	"Monthly uptime":   {"Monatliche Verfügbarkeit", "Disponibilité mensuelle", "Disponibilidad mensual"},
	"Component":        {"Komponente", "Composant", "Componente"},
	"90 days":          {"90 Tage", "90 jours", "90 días"},
	"None.":            {"Keine.", "Aucun.", "Ninguno."},
	"Earlier":          {"Früher", "Plus tôt", "Anteriores"},
	"Later":            {"Später", "Plus tard", "Posteriores"},
	"By month":         {"Nach Monaten", "Par mois", "Por meses"},
	"partial and major outages count as downtime": {
		"Teilausfälle und Ausfälle zählen als Ausfallzeit", "les pannes partielles et majeures comptent comme indisponibilité", "las interrupciones parciales y graves cuentan como inactividad",
	},
	"announced maintenance does not":   {"angekündigte Wartung nicht", "la maintenance annoncée ne compte pas", "el mantenimiento anunciado no"},
	"Days with trouble, by component":  {"Tage mit Störungen, nach Komponente", "Jours perturbés, par composant", "Días con problemas, por componente"},
	"No incidents have been reported.": {"Es wurden keine Vorfälle gemeldet.", "Aucun incident n’a été signalé.", "No se ha informado de ningún incidente."},
	"down %s":                          {"%s ausgefallen", "%s en panne", "%s caído"},
	"degraded %s":                      {"%s beeinträchtigt", "%s dégradé", "%s degradado"},
	"no data":                          {"keine Daten", "pas de données", "sin datos"},

	// One incident.
	"Window":                     {"Zeitfenster", "Créneau", "Ventana"},
	"Started":                    {"Beginn", "Début", "Inicio"},
	"Lasted":                     {"Dauer", "Durée", "Duración"},
	"Affects":                    {"Betrifft", "Concerne", "Afecta a"},
	"Updates":                    {"Meldungen", "Nouvelles", "Avisos"},
	"Current status":             {"Aktueller Status", "État actuel", "Estado actual"},
	"All incidents":              {"Alle Vorfälle", "Tous les incidents", "Todos los incidentes"},
	"There is no update yet.":    {"Es gibt noch keine Meldung.", "Il n’y a pas encore de nouvelle.", "Todavía no hay avisos."},
	"What happened and when: %s": {"Was geschah und wann: %s", "Ce qui s’est passé et quand : %s", "Qué pasó y cuándo: %s"},

	// Feeds.
	"incident history":                {"Verlauf der Vorfälle", "historique des incidents", "historial de incidentes"},
	"Incidents and maintenance of %s": {"Vorfälle und Wartungen von %s", "Incidents et maintenances de %s", "Incidentes y mantenimientos de %s"},

	// Times.
	"%s to %s":    {"%s bis %s", "%s à %s", "%s a %s"},
	"under 1 min": {"unter 1 min", "moins de 1 min", "menos de 1 min"},
	"%d min":      {"%d min", "%d min", "%d min"},
	"%d h":        {"%d h", "%d h", "%d h"},
	"%d h %d min": {"%d h %d min", "%d h %d min", "%d h %d min"},
	"%d d":        {"%d T", "%d j", "%d d"},
	"%d d %d h":   {"%d T %d h", "%d j %d h", "%d d %d h"},
	"1 day":       {"1 Tag", "1 jour", "1 día"},
	"%d days":     {"%d Tage", "%d jours", "%d días"},
	"%s: %s uptime over %d days, %s with downtime, %s degraded": {
		"%s: %s verfügbar über %d Tage, %s mit Ausfall, %s beeinträchtigt", "%s : %s de disponibilité sur %d jours, %s avec panne, %s dégradés", "%s: %s de disponibilidad en %d días, %s con interrupción, %s degradados",
	},
}

// endonyms are the languages in their own words.
var endonyms = map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}

// months by language: long, then short.
var months = map[string][2][12]string{
	"en": {
		{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	},
	"de": {
		{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
	},
	"fr": {
		{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	},
	"es": {
		{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
	},
}
