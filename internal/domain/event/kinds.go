package event

// Kinds lists everything that can happen, in the order in which it is declared.
// The API publishes it, so that every reader can have a word for each.
func Kinds() []Kind {
	return []Kind{
		AlertTriggered, AlertRecovered, AlertAcknowledged,
		Opened, Declared, Acknowledged, Engaged, Snoozed, Unsnoozed, AckExpired, Retriggered, SeverityChanged, Mitigated,
		Monitoring, Recovered, Relapsed, Suggested, Called, Escalated, AlertAcked, ResolvedKind, Closed, Dismissed, Merged, Split,
		Restricted, RoleTaken, Joined, WarRoomActive, Noted, Automatic, Moment, Scoped, Briefed, Reopened, Related,
		ReviewOpened, ReviewChanged, ReviewSigned, ActionItem,
		DeadlineWarned, DeadlineMet, DeadlineBreached, DeadlineWaived,
		PageWanted, Paged, PageAnswered, PageFailed, PolicyTaken, NoticeWanted, Noticed, Told, Delivered, Undelivered,
		MessageWanted, MessageDrafted, MessageApproved, MessagePublished, MessageCancelled, CustomersMailed, ChannelSkipped,
		TaskOpened, TaskTaken, TaskHanded, TaskDone, TaskSkipped,
		OutreachTried, OutreachDone,
		ActionRequested, ActionApproved, ActionStarted, ActionPlanned, ActionEnded, Recovering, OutOfTurn, VendorBackup,
		HypothesisSet, DecisionMade, WorkstreamSet, SolutionSet, FindingMade, TechnicalUpdate, ProbeAsked, ProbeMade, EvidenceAdded, EvidenceRead,
		CatalogChanged, AddressSet, TenantPageSet, SubscriberSet, FollowingSet, ProcedureChanged, DeadEnd, SignedIn, SignInFailed, SignedOut, AccountChanged, TokenChanged,
		KeyChanged, ChangeTold, SilenceSet, SilenceEnded, MaintenanceSet, MaintenanceTold, PageChanged,
		RoomOpened, RoomFailed, RoomClosed, RoomSeen, NotesSaved,
		TicketQueued, TicketRaised, TicketDismissed,
		CoverChanged, HandedOver, RotaWeak, RotaUntold, FeedChanged, AbsenceCalendar,
		VendorState, MentionMade, MentionDone, MentionSpike, CaseAsked, CaseOpened, CaseTold, CaseFailed, CaseLate, CaseEnded,
		CreditChanged, CreditWanted, CreditEntry, CreditVerdict, CreditConfirmed,
		UsageWarning, HealthCheck, AccountRisk, Continuity,
	}
}
