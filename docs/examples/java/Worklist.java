// fhantom exec --worlds per-key --key-prefix test- -- java docs/examples/java/Worklist.java
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.UUID;

/** The same in a JUnit test: `setUp` under @BeforeEach, `tearDown` under @AfterEach. */
public class Worklist {
    private static final String BASE = System.getenv("SIIM_BASE_URL");
    private final HttpClient client = HttpClient.newHttpClient();
    private String key;

    void setUp() {
        key = "test-" + UUID.randomUUID();
    }

    void tearDown() throws Exception {
        send("DELETE", "/_fhantom/worlds?key=" + key, "");
    }

    void eachTestHasAFreshWorld() throws Exception {
        expect(201, send("POST", "/fhir/Patient", "{\"resourceType\": \"Patient\", \"name\": [{\"family\": \"Java\"}]}"));
        HttpResponse<String> found = send("GET", "/fhir/Patient?family=Java&_summary=count", "");
        if (!found.body().contains("\"total\": 1")) throw new AssertionError(found.body());
    }

    void aFaultStrikesOnce() throws Exception {
        String fault = "{\"match\": {\"path\": \"/dicomweb/*\", \"key\": \"" + key + "\"},"
            + " \"action\": {\"kind\": \"status\", \"status\": 503}, \"times\": 1}";
        expect(201, send("POST", "/_fhantom/faults", fault));
        expect(503, send("GET", "/dicomweb/studies?limit=1", ""));
        expect(200, send("GET", "/dicomweb/studies?limit=1", ""));
    }

    private HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(BASE + path)).header("apikey", key);
        if (!body.isEmpty()) request.header("Content-Type", path.startsWith("/fhir") ? "application/fhir+json" : "application/json");
        return client.send(request.method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static void expect(int status, HttpResponse<String> answer) {
        if (answer.statusCode() != status) throw new AssertionError(answer.statusCode() + ": " + answer.body());
    }

    interface Test {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Worklist tests = new Worklist();
        int done = 0;
        for (Test test : new Test[] {tests::eachTestHasAFreshWorld, tests::eachTestHasAFreshWorld, tests::aFaultStrikesOnce}) {
            tests.setUp();
            try {
                test.run();
                done++;
            } finally {
                tests.tearDown();
            }
        }
        System.out.println(done + " passed");
    }
}
