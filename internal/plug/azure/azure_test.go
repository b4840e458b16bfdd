package azure

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	sub      = "/subscriptions/11111111-1111-1111-1111-111111111111"
	metricUp = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"` + sub + `/providers/Microsoft.AlertsManagement/alerts/b9569717","alertRule":"WEB-CPU","severity":"Sev1","signalType":"Metric","monitorCondition":"Fired","monitoringService":"Platform","alertTargetIDs":["` + sub + `/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-3"],"configurationItems":["web-3"],"originAlertId":"3f2d4487","firedDateTime":"2026-03-02T03:03:00.3713213Z","description":"CPU of the web servers","essentialsVersion":"1.0","alertContextVersion":"1.0","investigationLink":"https://portal.azure.com/#view/x"},"alertContext":{"properties":null,"conditionType":"SingleResourceMultipleMetricCriteria","condition":{"windowSize":"PT5M","allOf":[{"metricName":"Percentage CPU","metricNamespace":"Microsoft.Compute/virtualMachines","operator":"GreaterThan","threshold":"90","timeAggregation":"Average","dimensions":[{"name":"ResourceId","value":"3efad9dc"}],"metricValue":97.5}]}},"customProperties":{"team":"shop"}}}`
	logUp    = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"` + sub + `/providers/Microsoft.AlertsManagement/alerts/c1","alertRule":"5xx in the log","severity":"Sev0","signalType":"Log","monitorCondition":"Fired","monitoringService":"Log Alerts V2","alertTargetIDs":["` + sub + `/resourcegroups/shop/providers/microsoft.operationalinsights/workspaces/logs"],"firedDateTime":"2026-03-02T03:03:00Z","description":"","essentialsVersion":"1.0"},"alertContext":{"condition":{"allOf":[{"searchQuery":"requests | where resultCode startswith 5","operator":"GreaterThan","threshold":"10","linkToSearchResultsUI":"https://portal.azure.com#@tenant/blade/logs"}]}}}}`
	service  = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"` + sub + `/providers/Microsoft.AlertsManagement/alerts/d1","alertRule":"health","severity":"Sev4","signalType":"Activity Log","monitorCondition":"Fired","monitoringService":"ServiceHealth","alertTargetIDs":["` + sub + `"],"firedDateTime":"2026-03-02T03:03:00Z"},"alertContext":{"channels":"Admin","correlationId":"e1","eventSource":"ServiceHealth","eventTimestamp":"2026-03-02T03:02:00Z","level":"Error","operationName":"Microsoft.ServiceHealth/incident/action","properties":{"title":"Virtual Machines - West Europe","service":"Virtual Machines","region":"West Europe","communication":"We are looking into it.","incidentType":"Incident","trackingId":"VS5M-1","impactStartTime":"2026-03-02T03:00:00Z","stage":"Active"},"status":"Active"}}}`
	resource = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"` + sub + `/providers/Microsoft.AlertsManagement/alerts/f1","alertRule":"vm health","severity":"Sev4","signalType":"Activity Log","monitorCondition":"Fired","monitoringService":"Resource Health","alertTargetIDs":["` + sub + `/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-3"],"firedDateTime":"2026-03-02T03:03:00Z"},"alertContext":{"eventSource":"ResourceHealth","level":"Critical","properties":{"title":"This virtual machine is stopping","currentHealthStatus":"Unavailable","previousHealthStatus":"Available","cause":"PlatformInitiated"},"status":"Active"}}}`
	oldMet   = `{"schemaId":"AzureMonitorMetricAlert","data":{"version":"2.0","properties":{"team":"shop"},"status":"Activated","context":{"timestamp":"2026-03-02T03:03:00Z","id":"` + sub + `/resourceGroups/shop/providers/microsoft.insights/metricAlerts/rule","name":"rule","description":"too many","conditionType":"SingleResourceMultipleMetricCriteria","severity":"3","condition":{"windowSize":"PT5M","allOf":[{"metricName":"Transactions","operator":"GreaterThan","threshold":"0","dimensions":[{"name":"ApiName","value":"GetBlob"}],"metricValue":100}]},"subscriptionId":"11111111","resourceGroupName":"shop","resourceName":"files","resourceType":"Microsoft.Storage/storageAccounts","resourceId":"` + sub + `/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/files","portalLink":"https://portal.azure.com/#resource/files"}}}`
	classic  = `{"WebhookName":"Alert1","status":"Activated","context":{"timestamp":"2026-03-02T03:03:00Z","id":"` + sub + `/resourceGroups/shop/providers/microsoft.insights/alertrules/rule","name":"classic rule","description":"d","conditionType":"Metric","condition":{"metricName":"Requests","metricUnit":"Count","metricValue":"10","threshold":"10","windowSize":"15","timeAggregation":"Average","operator":"GreaterThanOrEqual"},"subscriptionId":"s","resourceGroupName":"shop","resourceName":"site","resourceType":"microsoft.web/sites","resourceId":"` + sub + `/resourceGroups/shop/providers/Microsoft.Web/sites/site","resourceRegion":"weu","portalLink":"https://portal.azure.com/#resource/site"},"properties":{"key1":"value1"}}`
	oldLog   = `{"schemaId":"Microsoft.Insights/LogAlert","data":{"SubscriptionId":"11111111","AlertRuleName":"AcmeRule","SearchQuery":"Perf | where x","SearchIntervalStartTimeUtc":"2026-03-02T02:55:00Z","SearchIntervalEndtimeUtc":"2026-03-02T03:00:00Z","AlertThresholdOperator":"Greater Than","AlertThresholdValue":0,"ResultCount":2,"SearchIntervalInSeconds":300,"LinkToSearchResults":"https://portal.azure.com/#Analyticsblade/search","Description":"log alert rule","Severity":"Warning","AlertType":"Number of results","AffectedConfigurationItems":["INC-Gen2Alert"]}}`
	actLog   = `{"schemaId":"Microsoft.Insights/activityLogs","data":{"status":"Activated","context":{"activityLog":{"channels":"Operation","correlationId":"6ac88262","eventSource":"Administrative","eventTimestamp":"2026-03-02T03:03:00.1+00:00","eventDataId":"8195a56a","level":"Error","operationName":"Microsoft.Compute/virtualMachines/delete","operationId":"6ac88262","resourceId":"` + sub + `/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-3","resourceGroupName":"shop","status":"Failed","subStatus":"Conflict","caller":"ana@example.com","properties":{"statusMessage":"{}"}}},"properties":{}}}`
	oldServ  = `{"schemaId":"Microsoft.Insights/activityLogs","data":{"status":"Activated","context":{"activityLog":{"channels":"Admin","correlationId":"bbac944f","description":"Active: Virtual Machines","eventSource":"ServiceHealth","eventTimestamp":"2026-03-02T03:03:00+00:00","level":"Warning","operationName":"Microsoft.ServiceHealth/incident/action","properties":{"title":"Virtual Machines","service":"Virtual Machines","region":"West Europe","communication":"[{\"communicationText\":\"text inside\"}]","incidentType":"Incident","trackingId":"VS5M-1","stage":"Active"},"status":"Active"}},"properties":{}}}`
)

func call(body string) plug.Inbound {
	return plug.Inbound{Body: []byte(body), Header: http.Header{}, ID: "id"}
}

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, s := range []string{metricUp, logUp, service, resource, oldMet, classic, oldLog, actLog, oldServ, over(metricUp), over(oldMet), over(classic)} {
		calls = append(calls, call(s))
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

// over is the recovery of a payload, as Azure writes it.
func over(body string) string {
	return strings.NewReplacer(`"monitorCondition":"Fired"`, `"monitorCondition":"Resolved","resolvedDateTime":"2026-03-02T03:20:00Z"`, `"status":"Activated"`, `"status":"Deactivated"`, `"stage":"Active"`, `"stage":"Resolved"`, `"currentHealthStatus":"Unavailable"`, `"currentHealthStatus":"Available"`, "WEB-CPU", "web-cpu").Replace(body)
}

func one(t *testing.T, body string) alert.Signal {
	t.Helper()
	got, err := source{}.Parse(call(body))
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%.80s: %v %+v", body, err, got)
	}
	plugtest.CheckReceived(t, got)
	return got.Signals[0]
}

func TestEveryProblemEnds(t *testing.T) {
	for name, c := range map[string]struct{ up, over, severity, class string }{
		"metric": {metricUp, over(metricUp), "error", "Metric"}, "log": {logUp, over(logUp), "critical", "Log"}, "service health": {service, over(service), "error", "ServiceHealth"}, "resource health": {resource, over(resource), "critical", "ResourceHealth"},
		"metric before": {oldMet, over(oldMet), "info", "Metric"}, "classic": {classic, over(classic), "", "Metric"}, "classic resolved": {classic, strings.Replace(classic, "Activated", "Resolved", 1), "", "Metric"}, "service health before": {oldServ, over(oldServ), "warning", "ServiceHealth"},
	} {
		a, b := one(t, c.up), one(t, c.over)
		if a.Action != alert.Trigger || b.Action != alert.Resolve || a.DedupKey != b.DedupKey || a.DedupKey != strings.ToLower(a.DedupKey) {
			t.Errorf("%s: %s %q and %s %q", name, a.Action, a.DedupKey, b.Action, b.DedupKey)
		}
		if a.Severity != c.severity || a.Class != c.class || a.StartedAt.Location() != time.UTC || a.StartedAt.IsZero() || a.Summary == "" || a.Client != "Azure Monitor" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a, b := one(t, service), one(t, oldServ); a.DedupKey != b.DedupKey {
		t.Errorf("one outage in two schemas: %q and %q", a.DedupKey, b.DedupKey)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	m := one(t, metricUp)
	if m.Summary != "WEB-CPU: CPU of the web servers" || m.Origin != "web-3" || m.Component != "microsoft.compute/virtualmachines" || m.Group != "shop" || m.Labels["metric"] != "Percentage CPU" || m.Labels["team"] != "shop" ||
		m.Labels["ResourceId"] != "3efad9dc" || m.Labels["subscription"] == "" || len(m.Links) != 2 || !strings.HasPrefix(m.Links[0].Href, "https://portal.azure.com/") {
		t.Errorf("%+v", m)
	}
	if l := one(t, logUp); len(l.Links) != 2 || l.Links[1].Text != "Search results" || l.Summary != "5xx in the log" {
		t.Errorf("%+v", l)
	}
	if s := one(t, service); s.Summary != "Virtual Machines - West Europe" || s.Component != "Virtual Machines" || s.Origin != "West Europe" || len(s.Links) != 1 || !s.StartedAt.Equal(time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", s)
	}
	if s := one(t, oldServ); s.Details.(map[string]any)["text"] != "text inside" {
		t.Errorf("%+v", s.Details)
	}
	if s := one(t, strings.Replace(service, `"Incident"`, `"Maintenance"`, 1)); s.Severity != "info" {
		t.Errorf("maintenance: %+v", s)
	}
	if a := one(t, actLog); a.Severity != "error" || a.Origin != "web-3" || a.Labels["caller"] != "ana@example.com" || !strings.Contains(a.Summary, "delete: Failed Conflict") {
		t.Errorf("%+v", a)
	}
	if l := one(t, oldLog); l.Severity != "warning" || l.Origin != "INC-Gen2Alert" || len(l.Links) != 1 || l.DedupKey != "log/11111111/acmerule" {
		t.Errorf("%+v", l)
	}
	for sev, want := range map[string]string{"Sev0": "critical", "Sev1": "error", "Sev2": "warning", "Sev3": "info", "Sev4": "info", "Sev9": "", "": ""} {
		if s := one(t, strings.Replace(metricUp, `"Sev1"`, `"`+sev+`"`, 1)); s.Severity != want {
			t.Errorf("%s: %q, want %q", sev, s.Severity, want)
		}
	}
	if a, b := one(t, oldMet), one(t, strings.Replace(oldMet, "GetBlob", "PutBlob", 1)); a.DedupKey == b.DedupKey {
		t.Errorf("two dimensions are one alert: %q", a.DedupKey)
	}
}

func TestRefusals(t *testing.T) {
	for body, where := range map[string]string{
		`{}`: "/data", `{"data":{"essentials":{}}}`: "/data/essentials/alertId", `{"data":{"context":{}}}`: "/data/context/id", `{"data":{"context":{"activityLog":{}}}}`: "/data/context/activityLog/correlationId", `{"data":{"AlertRuleName":""}}`: "/data/AlertRuleName",
		`{"data":{"essentials":{},"alertContext":{"eventSource":"ServiceHealth"}}}`: "/data/alertContext/properties/trackingId", `{"data":{"essentials":{},"alertContext":{"eventSource":"ResourceHealth"}}}`: "/data/essentials/alertTargetIDs", `[]`: "",
	} {
		_, err := source{}.Parse(call(body))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 || f.Details[0].Where != where {
			t.Errorf("%s: %v %+v", body, err, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{metricUp, logUp, service, resource, oldMet, classic, oldLog, actLog, oldServ, `{"data":{"essentials":{"alertRule":1,"alertTargetIDs":[7]}}}`, `{"data":{"AlertRuleName":{}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source{}.Parse(call(string(body)))
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}

// Some of what Azure posts says which health it is about by a number and by the
// name of the service; its stage is what ends it all the same.
func TestHealthBySourceNumber(t *testing.T) {
	numbered := strings.NewReplacer(`"eventSource":"ServiceHealth"`, `"eventSource":2`, `"level":"Error"`, `"level":3`, `"channels":"Admin"`, `"channels":1`).Replace(service)
	up, end := one(t, numbered), one(t, over(strings.Replace(numbered, "/alerts/d1", "/alerts/d2", 1)))
	if up.Action != alert.Trigger || up.Severity != "warning" || end.Action != alert.Resolve || up.DedupKey != end.DedupKey || up.DedupKey != one(t, service).DedupKey {
		t.Errorf("service health: %+v %+v", up, end)
	}
	nameless := strings.Replace(resource, `"eventSource":"ResourceHealth"`, `"eventSource":null,"operationName":"Microsoft.Resourcehealth/healthevent/Activated/action"`, 1)
	for _, body := range []string{nameless, strings.Replace(nameless, "Resource Health", "", 1)} {
		if s := one(t, over(body)); s.Action != alert.Resolve || s.DedupKey != one(t, resource).DedupKey {
			t.Errorf("resource health: %+v", s)
		}
	}
}

func TestBudgetsAndAutoscale(t *testing.T) {
	const (
		common = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"monitoringService":"CostAlerts","firedDateTime":"2026-03-02T03:03:00Z","description":"Your spend is 111","alertId":"` + sub + `/providers/Microsoft.CostManagement/alerts/a","alertRule":null,"severity":null,"signalType":null,"monitorCondition":null,"alertTargetIDs":null},"alertContext":{"AlertCategory":"budgets","AlertData":{"BudgetName":"monthly"}}}}`
		own    = `{"schemaId":"AIP Budget Notification","data":{"SubscriptionName":"Shop","SubscriptionId":"1111","SpendingAmount":"100","BudgetStartDate":"3/1/2026","Budget":"50","Unit":"EUR","BudgetCreator":"ana@example.com","BudgetName":"monthly","BudgetType":"Cost","ResourceGroup":"","NotificationThresholdAmount":"0.8"}}`
		scaled = `{"version":"1.0","status":"Activated","operation":"Scale In","context":{"timestamp":"2026-03-02T03:03:00Z","id":"` + sub + `/resourceGroups/shop/providers/microsoft.insights/autoscalesettings/web","name":"web","details":"From 3 to 2","resourceName":"web","resourceId":"` + sub + `/resourceGroups/shop/providers/microsoft.web/serverfarms/web","oldCapacity":"3","newCapacity":"2"},"properties":{}}`
	)
	for body, want := range map[string]alert.Signal{
		common: {Summary: "Your spend is 111", DedupKey: sub + "/providers/microsoft.costmanagement/alerts/a"},
		own:    {Summary: "Budget monthly: 100 of 50 EUR spent", DedupKey: "budget/1111//monthly/3/1/2026", Class: "Budget", Origin: "Shop"},
		scaled: {Summary: "web: From 3 to 2", Severity: "info", Class: "Autoscale", Origin: "web", DedupKey: sub + "/resourcegroups/shop/providers/microsoft.insights/autoscalesettings/web/" + sub + "/resourcegroups/shop/providers/microsoft.web/serverfarms/web"},
	} {
		s := one(t, body)
		if s.Action != alert.Trigger || s.Summary != want.Summary || s.DedupKey != want.DedupKey || s.Class != want.Class || s.Origin != want.Origin || s.Severity != want.Severity {
			t.Errorf("got %+v, want %+v", s, want)
		}
	}
	if _, err := (source{}).Parse(call(strings.Replace(own, `"monthly"`, `""`, 1))); !fault.Is(err, fault.Invalid) {
		t.Errorf("a budget without a name: %v", err)
	}
}

func TestSmartDetectionBefore(t *testing.T) {
	const body = `{"properties":{"essentials":{"severity":"Sev3","signalType":"Log","alertState":"New","monitorCondition":"Fired","monitorService":"Smart Detector","targetResource":"` + sub + `/resourcegroups/shop/providers/microsoft.insights/components/web","alertRule":"` + sub + `/resourcegroups/shop/providers/microsoft.alertsmanagement/smartdetectoralertrules/failure anomalies - web","startDateTime":"2026-03-02T03:03:00Z","description":"An unusual rise of failed requests"},"context":{"DetectionSummary":"An abnormal rise"}},"id":"` + sub + `/providers/Microsoft.AlertsManagement/alerts/7daf","type":"Microsoft.AlertsManagement/alerts","name":"Failure Anomalies - web"}`
	up, end := one(t, body), one(t, over(body))
	if up.Action != alert.Trigger || end.Action != alert.Resolve || up.DedupKey != end.DedupKey || up.Summary != "Failure Anomalies - web: An unusual rise of failed requests" || up.Severity != "info" || up.Origin != "web" || up.Group != "shop" || up.StartedAt.IsZero() {
		t.Errorf("got %+v %+v", up, end)
	}
	if s := one(t, strings.NewReplacer(`,"name":"Failure Anomalies - web"`, "", `"id":"`, `"no":"`).Replace(body)); s.DedupKey == "" || !strings.HasPrefix(s.Summary, "failure anomalies - web: ") {
		t.Errorf("without a name: %+v", s)
	}
}

func TestPrometheusRules(t *testing.T) {
	s := one(t, `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"`+sub+`/providers/Microsoft.AlertsManagement/alerts/p1","alertRule":"KubePodCrashLooping","severity":"Sev2","signalType":"Metric","monitorCondition":"Fired","monitoringService":"Prometheus","alertTargetIDs":["`+sub+`/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/aks"],"firedDateTime":"2026-03-02T03:03:00Z","description":""},"alertContext":{"interval":"PT1M","expression":"up == 0","expressionValue":"1","for":"PT5M","labels":{"alertname":"KubePodCrashLooping","namespace":"shop","pod":"web-1"},"annotations":{"summary":"web-1 is restarting","runbook_url":"https://runbook.example.net/pods"},"ruleGroup":"x"}}}`)
	if s.Summary != "KubePodCrashLooping: web-1 is restarting" || s.Severity != "warning" || s.Labels["pod"] != "web-1" || s.Labels["namespace"] != "shop" || !slices.Contains(s.Links, alert.Link{Href: "https://runbook.example.net/pods", Text: "Runbook"}) {
		t.Errorf("got %+v", s)
	}
}
