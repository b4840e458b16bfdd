package review

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
)

// ReviewChange is what of a review is written down anew; absent stays as it is.
type ReviewChange struct {
	Owner     *string        `json:"owner,omitempty" maxLength:"64" doc:"One person."`
	Lessons   *[]string      `json:"lessons,omitempty" maxItems:"200"`
	WentWell  *[]string      `json:"went_well,omitempty" maxItems:"200"`
	NoActions *string        `json:"no_actions,omitempty" maxLength:"10000" doc:"Why nothing follows from the incident."`
	Guests    *[]ReviewGuest `json:"guests,omitempty" maxItems:"200" doc:"Asked by mail; they see nothing of the product."`
	Others    *[]string      `json:"others,omitempty" maxItems:"200" doc:"People who are asked besides."`
	Left      *[]string      `json:"left_out,omitempty" maxItems:"200" doc:"People whom the procedure names, and who are not asked."`
}

// NewReviewCause names the root cause.
type NewReviewCause struct {
	Text     string `json:"text" maxLength:"10000"`
	Category string `json:"category" enum:"change,software,configuration,capacity,hardware,network,data,third_party,security,process,unknown"`
	Method   string `json:"method,omitempty" maxLength:"10000" doc:"How it was validated; absent: it is preliminary."`
}

// NewReviewFactors say what contributed, or why nothing did.
type NewReviewFactors struct {
	Factors []NewReviewFactor `json:"factors,omitempty" maxItems:"200"`
	None    string            `json:"none,omitempty" maxLength:"10000" doc:"Why there are none."`
}

// NewReviewFactor is something that contributed.
type NewReviewFactor struct {
	Sort string `json:"sort" enum:"process,people,tool,communication"`
	Text string `json:"text" maxLength:"10000"`
}

// ReviewNote is a word about something; what needs one says so.
type ReviewNote struct {
	Note string `json:"note,omitempty" maxLength:"10000"`
}

// ReviewText is something that somebody writes.
type ReviewText struct {
	Text string `json:"text" maxLength:"10000"`
}

// ReviewRating judges communication.
type ReviewRating struct {
	Rating int    `json:"rating" minimum:"1" maximum:"5"`
	Text   string `json:"text,omitempty" maxLength:"10000"`
}

// NewReviewFeedback is what the caller says about the response.
type NewReviewFeedback struct {
	Rating int    `json:"rating,omitempty" minimum:"0" maximum:"5"`
	Good   string `json:"went_well,omitempty" maxLength:"10000"`
	Bad    string `json:"to_improve,omitempty" maxLength:"10000"`
}

// NewReviewMinutes are what was said and decided on an item of the agenda.
type NewReviewMinutes struct {
	Notes   string `json:"notes,omitempty" maxLength:"10000"`
	Decided string `json:"decided,omitempty" maxLength:"10000"`
	Minutes int    `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
}

// NewReviewMeeting says when the formal review is.
type NewReviewMeeting struct {
	Start  time.Time  `json:"start"`
	Length recur.Span `json:"length,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 45m or 1h30m" doc:"Absent: as the procedure says."`
	Reason string     `json:"reason,omitempty" maxLength:"10000" doc:"Needed outside the window."`
}

// ReviewHeld says that the formal review took place.
type ReviewHeld struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Attended []string  `json:"attended" maxItems:"200" doc:"People."`
	Reason   string    `json:"reason,omitempty" maxLength:"10000" doc:"Needed outside the window."`
}

// NewReviewFollowUp says when it is looked at again.
type NewReviewFollowUp struct {
	At    time.Time `json:"at"`
	Owner string    `json:"owner" maxLength:"64" doc:"One person."`
}

func notAnID(field, s string) error {
	return fault.New(fault.Invalid, "validation failed").With("body."+field, s+" is not an id")
}
