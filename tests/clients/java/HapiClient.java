import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IClientInterceptor;
import ca.uhn.fhir.rest.client.api.IHttpRequest;
import ca.uhn.fhir.rest.client.api.IHttpResponse;
import ca.uhn.fhir.rest.gclient.StringClientParam;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.util.BundleUtil;
import org.hl7.fhir.instance.model.api.IBaseBundle;
import org.hl7.fhir.instance.model.api.IBaseParameters;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IPrimitiveType;

/** HAPI's generic client: HapiClient ROOT APIKEY R4|R5. It asks for the capabilities first, by itself. */
public class HapiClient {
    private static FhirContext context;

    public static void main(String[] arguments) {
        context = arguments[2].equals("R4") ? FhirContext.forR4() : FhirContext.forR5();
        var bundles = context.getResourceDefinition("Bundle").getImplementingClass().asSubclass(IBaseBundle.class);
        var client = context.newRestfulGenericClient(arguments[0]);
        client.registerInterceptor(new IClientInterceptor() {
            public void interceptRequest(IHttpRequest request) {
                request.addHeader("apikey", arguments[1]);
            }

            public void interceptResponse(IHttpResponse response) {}
        });

        var patient = parsed("{'resourceType': 'Patient', 'name': [{'family': 'Hapi'}]}");
        var id = client.create().resource(patient).execute().getId().toUnqualifiedVersionless();
        var changed = parsed("{'resourceType': 'Patient', 'id': '" + id.getIdPart() + "', 'gender': 'female'}");
        client.update().resource(changed).execute();
        var patch = "[{\"op\": \"add\", \"path\": \"/birthDate\", \"value\": \"1980-01-02\"}]";
        var version = client.patch().withBody(patch).withId(id).execute().getId().getVersionIdPart();
        var read = client.read().resource("Patient").withId(id.getIdPart()).execute();
        var first = client.read().resource("Patient").withIdAndVersion(id.getIdPart(), "1").execute();
        var history = client.history().onInstance(id).returnBundle(bundles).execute();
        var sent = parsed("{'resourceType': 'Bundle', 'type': 'transaction', 'entry': [{'request':"
                + " {'method': 'GET', 'url': 'Patient/" + id.getIdPart() + "'}}]}");
        var transaction = client.transaction().withBundle((IBaseBundle) sent).execute();
        var everything = client.operation().onInstance(id).named("everything")
                .withNoParameters(context.getResourceDefinition("Parameters").getImplementingClass()
                        .asSubclass(IBaseParameters.class))
                .useHttpGet().returnResourceType(bundles).execute();

        var search = client.search().forResource("Patient").where(new StringClientParam("family").matches().value("Library"));
        IBaseBundle page = search.count(10).returnBundle(bundles).execute();
        var found = entries(page);
        for (String next; (next = BundleUtil.getLinkUrlOfType(context, page, "next")) != null; found += entries(page)) {
            page = client.loadPage().byUrl(next).andReturnBundle(bundles).execute();
        }

        client.delete().resourceById(id).execute();
        var gone = false;
        try {
            client.read().resource("Patient").withId(id.getIdPart()).execute();
        } catch (ResourceGoneException expected) {
            gone = true;
        }
        System.out.printf(
                "{\"version\": \"%s\", \"gender\": \"%s\", \"born\": \"%s\", \"first\": \"%s\", \"found\": %d, \"gone\": %s,"
                        + " \"history\": %d, \"transaction\": %d, \"everything\": %d}%n",
                version, told(read, "gender"), told(read, "birthDate"), told(first, "gender"), found, gone,
                entries(history), entries(transaction), entries(everything));
    }

    private static IBaseResource parsed(String json) {
        return context.newJsonParser().parseResource(json.replace('\'', '"'));
    }

    private static int entries(IBaseBundle bundle) {
        return BundleUtil.toListOfResources(context, bundle).size();
    }

    private static String told(IBaseResource resource, String element) {
        var value = context.newTerser().getSingleValueOrNull(resource, element, IPrimitiveType.class);
        return value == null ? "" : value.getValueAsString();
    }
}
