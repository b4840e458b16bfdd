package subscription

import (
	"strings"

	"allclear/internal/domain/status"
)

// Words are the sentences of letters in one language, all in this one place.
type Words struct {
	Affects, Window, Posted, Change, SMSEnd, NotYou string
	// Each of these has %s where the name of the page or a code goes.
	because, confirmSubject, confirm, already, code string
	statuses                                        map[status.IncidentStatus]string // empty: the words of the page
}

var languages = map[string]Words{
	"en": {
		Affects: "Affects", Window: "Window", Posted: "Posted", Change: "Change or end your subscription", SMSEnd: "Change or end:",
		NotYou:         "If you did not ask for this, do nothing: nobody will write to you again.",
		because:        "You get this because you subscribed to updates of %s.",
		confirmSubject: "Confirm updates from %s",
		confirm:        "Somebody asked for updates from %s to be sent here. Open this address and confirm that it was you, within three days:",
		already:        "Somebody asked for updates from %s to be sent here. You get them already. What you are told can be changed or ended at this address:",
		code:           "%s: your code is %s. If you did not ask for it, do nothing.",
	},
	"de": {
		Affects: "Betrifft", Window: "Zeitraum", Posted: "Veröffentlicht", Change: "Abonnement ändern oder beenden", SMSEnd: "Ändern oder beenden:",
		NotYou:         "Falls Sie das nicht waren, tun Sie nichts: Es wird Ihnen niemand mehr schreiben.",
		because:        "Sie erhalten dies, weil Sie Meldungen von %s abonniert haben.",
		confirmSubject: "Meldungen von %s bestätigen",
		confirm:        "Jemand möchte, dass Meldungen von %s hierher gehen. Öffnen Sie diese Adresse innerhalb von drei Tagen und bestätigen Sie, dass Sie es waren:",
		already:        "Jemand möchte, dass Meldungen von %s hierher gehen. Sie erhalten sie bereits. Unter dieser Adresse können Sie sie ändern oder beenden:",
		code:           "%s: Ihr Code lautet %s. Falls Sie ihn nicht angefordert haben, tun Sie nichts.",
		statuses: map[status.IncidentStatus]string{
			status.Investigating: "In Untersuchung", status.Identified: "Ursache gefunden", status.Monitoring: "Unter Beobachtung", status.Resolved: "Behoben", status.Postmortem: "Bericht",
			status.Scheduled: "Geplant", status.InProgress: "In Arbeit", status.Verifying: "Wird geprüft", status.Completed: "Abgeschlossen",
		},
	},
	"fr": {
		Affects: "Concerne", Window: "Créneau", Posted: "Publié", Change: "Modifier ou arrêter votre abonnement", SMSEnd: "Modifier ou arrêter :",
		NotYou:         "Si vous n’avez rien demandé, ne faites rien : personne ne vous écrira plus.",
		because:        "Vous recevez ceci parce que vous êtes abonné aux nouvelles de %s.",
		confirmSubject: "Confirmer les nouvelles de %s",
		confirm:        "Quelqu’un a demandé que les nouvelles de %s soient envoyées ici. Ouvrez cette adresse et confirmez que c’était vous, sous trois jours :",
		already:        "Quelqu’un a demandé que les nouvelles de %s soient envoyées ici. Vous les recevez déjà. Vous pouvez les modifier ou les arrêter à cette adresse :",
		code:           "%s : votre code est %s. Si vous ne l’avez pas demandé, ne faites rien.",
		statuses: map[status.IncidentStatus]string{
			status.Investigating: "Analyse en cours", status.Identified: "Cause identifiée", status.Monitoring: "Sous surveillance", status.Resolved: "Résolu", status.Postmortem: "Rapport",
			status.Scheduled: "Prévue", status.InProgress: "En cours", status.Verifying: "En vérification", status.Completed: "Terminée",
		},
	},
	"es": {
		Affects: "Afecta a", Window: "Ventana", Posted: "Publicado", Change: "Cambiar o cancelar su suscripción", SMSEnd: "Cambiar o cancelar:",
		NotYou:         "Si no lo ha pedido, no haga nada: nadie volverá a escribirle.",
		because:        "Recibe esto porque se suscribió a los avisos de %s.",
		confirmSubject: "Confirme los avisos de %s",
		confirm:        "Alguien pidió que los avisos de %s se envíen aquí. Abra esta dirección y confirme que fue usted, en un plazo de tres días:",
		already:        "Alguien pidió que los avisos de %s se envíen aquí. Ya los recibe. Puede cambiarlos o cancelarlos en esta dirección:",
		code:           "%s: su código es %s. Si no lo ha pedido, no haga nada.",
		statuses: map[status.IncidentStatus]string{
			status.Investigating: "En investigación", status.Identified: "Causa identificada", status.Monitoring: "En observación", status.Resolved: "Resuelto", status.Postmortem: "Informe",
			status.Scheduled: "Programado", status.InProgress: "En curso", status.Verifying: "En verificación", status.Completed: "Completado",
		},
	},
}

// In returns the words of a language (BCP 47); English where there are none.
func In(lang string) Words {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if w, ok := languages[base]; ok {
		return w
	}
	return languages["en"]
}

// Status is a word of the page.
func (w Words) Status(s status.IncidentStatus) string {
	if l, ok := w.statuses[s]; ok {
		return l
	}
	return s.Label()
}

func fill(text string, values ...string) string {
	for _, v := range values {
		text = strings.Replace(text, "%s", v, 1)
	}
	return text
}

// Because says why somebody gets a letter.
func (w Words) Because(page string) string { return fill(w.because, page) }

// ConfirmSubject is the subject of a letter about a subscription.
func (w Words) ConfirmSubject(page string) string { return fill(w.confirmSubject, page) }

// Confirm asks whoever has the address.
func (w Words) Confirm(page string) string { return fill(w.confirm, page) }

// Already tells whoever has the address that it is subscribed.
func (w Words) Already(page string) string { return fill(w.already, page) }

// Code is a whole text message; it is the same whether the number is known or not.
func (w Words) Code(page, code string) string { return fill(w.code, page, code) }
