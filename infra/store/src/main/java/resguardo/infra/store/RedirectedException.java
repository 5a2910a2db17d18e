package resguardo.infra.store;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import resguardo.core.Texts;

/** The store answered that what was asked for is elsewhere. It is not gone after. */
final class RedirectedException extends IOException {
  private static final long serialVersionUID = 1;

  private RedirectedException(int status, String location) {
    super(
        "it says that it is elsewhere ("
            + status
            + " to "
            + location
            + "), which is not gone after: give the address itself");
  }

  /**
   * Makes a request.
   *
   * @throws RedirectedException when the answer is such a one
   */
  static Response refuse(Interceptor.Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    String location = response.header("Location");
    if (response.isRedirect() && location != null) {
      response.close();
      String place = location.split("[?#]", 2)[0]; // the rest may hold a signature
      throw new RedirectedException(response.code(), Texts.shown(place));
    }
    return response;
  }
}
