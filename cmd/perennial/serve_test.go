package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lockedBuffer collects the output of a process while it is being read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// mailServer receives mails by just enough SMTP and hands out their text.
func mailServer(t *testing.T) (port string, mails chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	mails = make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			receiveMail(conn, mails)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, mails
}

func receiveMail(conn net.Conn, mails chan<- string) {
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprint(conn, "220 test\r\n")
	in := bufio.NewScanner(conn)
	for in.Scan() {
		switch verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " "); verb {
		case "DATA":
			_, _ = fmt.Fprint(conn, "354 go on\r\n")
			var data strings.Builder
			for in.Scan() && in.Text() != "." {
				data.WriteString(in.Text() + "\n")
			}
			mails <- data.String()
			_, _ = fmt.Fprint(conn, "250 ok\r\n")
		case "QUIT":
			_, _ = fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			_, _ = fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

// startServe runs `perennial serve` with env and waits for its address.
func startServe(t *testing.T, env map[string]string) (base string, log *lockedBuffer, stop func() error) {
	t.Helper()
	command := exec.Command(mustBuildPerennial(t), "serve")
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	log = &lockedBuffer{}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	address := regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := address.FindStringSubmatch(log.String()); m != nil {
			return "http://" + m[1], log, func() error {
				_ = command.Process.Signal(syscall.SIGTERM)
				return <-done
			}
		}
		select {
		case err := <-done:
			t.Fatalf("ended: %v\n%s", err, log)
		default:
		}
	}
	t.Fatalf("not serving:\n%s", log)
	return "", nil, nil
}

// native sends a form as an app would and returns the answer's body.
func native(t *testing.T, method, target, token string, form url.Values) (status int, body map[string]any, newToken string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target+"?_is_native=1", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return answer.StatusCode, body, answer.Header.Get("Authorization")
}

// The way an operator sets up an instance, to the first sign-up by mail.
func TestServeFromKeygenToSignUp(t *testing.T) {
	t.Parallel()
	keys, err := exec.Command(mustBuildPerennial(t), "keygen").Output()
	if err != nil {
		t.Fatal(err)
	}
	port, mails := mailServer(t)
	env := map[string]string{
		"PERENNIAL_LISTEN": "127.0.0.1:0", "PERENNIAL_DATA": t.TempDir(), "PERENNIAL_HOST": "clerk.example.com",
		"PERENNIAL_BEHIND_PROXY": "true", "PERENNIAL_TRUSTED_PROXIES": "127.0.0.1", "PERENNIAL_ALLOWED_ORIGINS": "https://app.example.com",
		"PERENNIAL_SMTP_HOST": "127.0.0.1", "PERENNIAL_SMTP_PORT": port, "PERENNIAL_SMTP_TLS": "none",
		"PERENNIAL_SMTP_FROM": "no-reply@example.com", "PATH": os.Getenv("PATH"),
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(keys)), "\n") {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	base, log, stop := startServe(t, env)

	if status, body := fetch(t, http.DefaultClient, base+"/v1/environment"); status != 200 || !strings.Contains(body, `"production"`) {
		t.Errorf("environment: %d %s", status, body)
	}
	for _, path := range []string{"/dev/inbox", "/dev/inbox/msg_1", "/dev"} {
		if status, _ := fetch(t, http.DefaultClient, base+path); status != 404 {
			t.Errorf("%s exists in production: %d", path, status)
		}
	}
	status, body, token := native(t, "POST", base+"/v1/client/sign_ups", "", url.Values{
		"email_address": {"ada@example.com"}, "password": {"tangerine-orbit-17"},
	})
	if status != 200 || token == "" {
		t.Fatalf("sign-up: %d %v", status, body)
	}
	response, _ := body["response"].(map[string]any)
	attempt := base + "/v1/client/sign_ups/" + fmt.Sprint(response["id"])
	if status, body, _ = native(t, "POST", attempt+"/prepare_verification", token, url.Values{"strategy": {"email_code"}}); status != 200 {
		t.Fatalf("prepare: %d %v", status, body)
	}
	var mail string
	select {
	case mail = <-mails:
	case <-time.After(20 * time.Second):
		t.Fatalf("no mail came\n%s", log)
	}
	code := regexp.MustCompile(`\b\d{6}\b`).FindString(mail)
	status, body, _ = native(t, "POST", attempt+"/attempt_verification", token, url.Values{"strategy": {"email_code"}, "code": {code}})
	response, _ = body["response"].(map[string]any)
	if status != 200 || response["status"] != "complete" {
		t.Fatalf("attempt: %d %v", status, body)
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/client", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://evil.example.net")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 400 {
		t.Errorf("a foreign page got %d", answer.StatusCode)
	}

	if err := stop(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if !strings.Contains(log.String(), "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k") || !strings.Contains(log.String(), `"msg":"stopped"`) {
		t.Errorf("log:\n%s", log)
	}
	for name, value := range map[string]string{
		"master key": env["PERENNIAL_MASTER_KEY"], "secret key": env["PERENNIAL_SECRET_KEY"], "client token": token,
		"code": code, "address": "ada@example.com", "password": "tangerine",
	} {
		if strings.Contains(log.String(), value) {
			t.Errorf("the %s is in the log", name)
		}
	}
}

func TestServeOverTLS(t *testing.T) {
	t.Parallel()
	// The development server's authority makes a certificate to serve with.
	dev := startDev(t, t.TempDir())
	if err := dev.stop(t); err != nil {
		t.Fatal(err)
	}
	folder := strings.TrimSuffix(dev.ready.CAFile, "/ca.pem")
	env := complete(t)
	delete(env, "PERENNIAL_BEHIND_PROXY")
	env["PERENNIAL_LISTEN"], env["PERENNIAL_DATA"] = "127.0.0.1:0", t.TempDir()
	env["PERENNIAL_TLS_CERT"], env["PERENNIAL_TLS_KEY"] = folder+"/ca.pem", folder+"/ca.key"
	base, _, stop := startServe(t, env)
	// What is checked is that the configured certificate is presented, not
	// whom it names.
	insecure := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
	}}
	defer insecure.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https"+strings.TrimPrefix(base, "http")+"/v1/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := insecure.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("Strict-Transport-Security") == "" ||
		answer.TLS.PeerCertificates[0].Subject.CommonName != "Perennial development CA" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if err := stop(); err != nil {
		t.Errorf("ended with %v", err)
	}
	env["PERENNIAL_TLS_KEY"] = folder + "/none.key"
	command := exec.Command(mustBuildPerennial(t), "serve")
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), "none.key") {
		t.Errorf("missing key file: %v, %s", err, out)
	}
}
