package demo

import "allclear/internal/domain/catalog"

// Partners returns the contact cards of the partners that the procedure names
// (ESC-EXT-*). Numbers and contracts are made up.
func Partners() []catalog.Partner {
	counsel := []string{"team:legal-counsel"}
	return []catalog.Partner{
		{
			ID: "aws-support", Name: "AWS Support", Role: "infrastructure", For: "Premium support for infrastructure issues", Desk: "aws_support", Plan: "Enterprise", Contract: "AWS-000-DEMO",
			Portal: "https://support.console.aws.amazon.com/support/home", Hours: "Around the clock; 15 minutes to a first answer when business-critical",
			Escalation: "Ask in the case for the technical account manager on call.",
		},
		{
			ID: "google-cloud", Name: "Google Cloud", Role: "infrastructure", For: "Backup infrastructure and services", Desk: "google_support", Plan: "Premium", Contract: "GCP-000-DEMO",
			Portal: "https://console.cloud.google.com/support", Hours: "Around the clock; 15 minutes to a first answer for P1", Escalation: "Escalate the case in the console; it asks for the reason.",
		},
		{
			ID: "cloudflare", Name: "Cloudflare", Role: "network", For: "CDN and DNS support escalation", Plan: "Enterprise", Contract: "CF-000-DEMO", Phone: "+15550100201",
			Portal: "https://dash.cloudflare.com/?to=/:account/support", Hours: "Around the clock", Escalation: "Call the emergency line of the contract and name the account. Cases cannot be opened by an interface: write the number down.",
		},
		{
			ID: "crowdstrike", Name: "CrowdStrike", Role: "security", For: "Endpoint security and threat response", Plan: "Falcon Complete", Contract: "CS-000-DEMO", Phone: "+15550100202",
			Portal: "https://supportportal.crowdstrike.com", Hours: "Around the clock", Escalation: "Ask for the incident response retainer.", Privy: []string{"team:security"},
		},
		{
			ID: "rapid7", Name: "Rapid7", Role: "security", For: "Vulnerability management and security consulting", Desk: "rapid7", Plan: "InsightVM with consulting", Contract: "R7-000-DEMO", Phone: "+15550100203",
			Portal: "https://insight.rapid7.com", Hours: "Around the clock for incidents; consulting in business hours", Escalation: "Ask for the engagement manager.",
		},
		{
			ID: "outside-counsel", Name: "Legal Counsel", Role: "legal", For: "Data breach and compliance incident support", Contract: "LC-000-DEMO", Phone: "+15550100204", Email: "counsel@example.com",
			Hours: "Around the clock for breaches", Escalation: "Call the partner on duty.", Engage: catalog.EngageRestricted, Privy: counsel,
		},
	}
}
