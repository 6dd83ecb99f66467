import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IClientInterceptor;
import ca.uhn.fhir.rest.client.api.IHttpRequest;
import ca.uhn.fhir.rest.client.api.IHttpResponse;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import org.hl7.fhir.r5.model.Bundle;
import org.hl7.fhir.r5.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r5.model.IdType;
import org.hl7.fhir.r5.model.Patient;

/** HAPI's generic client for R5: HapiClient ROOT APIKEY. It asks for the capabilities first, by itself. */
public class HapiClient {
    public static void main(String[] arguments) {
        var client = FhirContext.forR5().newRestfulGenericClient(arguments[0]);
        client.registerInterceptor(new IClientInterceptor() {
            public void interceptRequest(IHttpRequest request) {
                request.addHeader("apikey", arguments[1]);
            }

            public void interceptResponse(IHttpResponse response) {}
        });

        var patient = new Patient();
        patient.addName().setFamily("Hapi");
        var id = client.create().resource(patient).execute().getId().toUnqualifiedVersionless();
        patient.setId(id);
        patient.setGender(AdministrativeGender.FEMALE);
        var version = client.update().resource(patient).execute().getId().getVersionIdPart();
        var read = client.read().resource(Patient.class).withId(id.getIdPart()).execute();
        var first = client.read().resource(Patient.class).withIdAndVersion(id.getIdPart(), "1").execute();

        var search = client.search().forResource(Patient.class).where(Patient.FAMILY.matches().value("Library"));
        var page = search.count(10).returnBundle(Bundle.class).execute();
        var found = page.getEntry().size();
        while (page.getLink(Bundle.LINK_NEXT) != null) {
            page = client.loadPage().next(page).execute();
            found += page.getEntry().size();
        }

        client.delete().resourceById((IdType) id).execute();
        var gone = false;
        try {
            client.read().resource(Patient.class).withId(id.getIdPart()).execute();
        } catch (ResourceGoneException expected) {
            gone = true;
        }
        System.out.printf(
                "{\"version\": \"%s\", \"gender\": \"%s\", \"first\": %s, \"found\": %d, \"gone\": %s}%n",
                version, read.getGender().toCode(), first.hasGender(), found, gone);
    }
}
