package resguardo.standalone;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.testkit.store.MemoryArchiveStore;

/** A bucket in memory that counts what is brought, and has something happen at a write. */
final class WatchedStore {
  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final AtomicLong brought = new AtomicLong();
  private final AtomicReference<Happening> happening = new AtomicReference<>();

  /** What happens at the first conditional write of an object whose key ends so. */
  private record Happening(String end, boolean before, Runnable what) {}

  /** The store as the roles see it. */
  ArchiveStore port() {
    return proxy(ArchiveStore.class, this::call);
  }

  /** Before the object is written. */
  void before(String keyEnd, Runnable what) {
    happening.set(new Happening(keyEnd, true, what));
  }

  /** After the object is written. */
  void after(String keyEnd, Runnable what) {
    happening.set(new Happening(keyEnd, false, what));
  }

  boolean hasHappened() {
    return happening.get() == null;
  }

  /** How many bytes of archives came in all, of those that were given up too. */
  long brought() {
    return brought.get();
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    Happening due = happening.get();
    boolean now =
        due != null
            && method.getName().startsWith("put")
            && ((ObjectKey) arguments[0]).value().endsWith(due.end())
            && happening.compareAndSet(due, null);
    if (now && due.before()) {
      due.what().run();
    }
    Object result = invoke(store, method, arguments);
    if (now && !due.before()) {
      due.what().run();
    }
    return result instanceof ArchiveStore.Upload upload
        ? proxy(ArchiveStore.Upload.class, (m, a) -> counted(upload, m, a))
        : result;
  }

  private Object counted(ArchiveStore.Upload upload, Method method, Object[] arguments)
      throws Throwable {
    if (method.getName().equals("write")) {
      brought.addAndGet((Integer) arguments[2]);
    }
    return invoke(upload, method, arguments);
  }

  private interface Call {
    Object of(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(), new Class<?>[] {type}, (self, m, a) -> call.of(m, a)));
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
