package resguardo.infra.runtime;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;
import resguardo.core.Peer;
import resguardo.core.Sha256;
import resguardo.core.port.TraceContext;
import resguardo.core.port.Tracing;
import resguardo.infra.tls.Tls;

/**
 * Traces by OpenTelemetry, over OTLP. Spans wait in a queue of bounded length, and a thread of its
 * own sends them: where the receiver is away or slow, what does not fit is dropped.
 */
final class OtlpTracing implements Tracing {
  /** Of this process; some hundred bytes each. */
  private static final int QUEUE = 2048;

  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration REQUEST = Duration.ofSeconds(5);

  /** A process that ends does not wait longer for who listens. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  /** Reasons and paths may be long. */
  private static final int LONGEST = 300;

  private static final int TRACE_DIGITS = 32;
  private static final int SPAN_AT = 36;
  private static final int FLAGS_AT = 53;

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final Ids ids = new Ids();

  OtlpTracing(Telemetry where, Tls tls, Peer self) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(where.endpoint().toString())
            .setTimeout(REQUEST)
            .setCompression("gzip")
            .setSslContext(tls.context(), tls.trust());
    where.headers().forEach(exporter::addHeader);
    provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.builder()
                        .put("service.namespace", "resguardo")
                        .put("service.name", "resguardo-" + self.role().word())
                        .put("service.instance.id", self.instance())
                        .put("service.version", ProgramVersion.text())
                        .build()))
            .setIdGenerator(ids)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(where.ratio())))
            .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(LONGEST).build())
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter.build())
                    .setMaxQueueSize(QUEUE)
                    .setScheduleDelay(EVERY)
                    .setExporterTimeout(REQUEST)
                    .build())
            .build();
    tracer = provider.get("resguardo");
  }

  @Override
  public Step begin(String name, @Nullable JobId job) {
    SpanBuilder builder = tracer.spanBuilder(name);
    TraceContext here = TraceContext.current().orElse(null);
    if (here != null) {
      builder.setParent(Context.root().with(Span.wrap(context(here))));
    } else {
      builder.setNoParent();
    }
    Span span = ids.withTrace(here == null ? job : null, builder);
    return new SpanStep(span, TraceContext.enter(context(span.getSpanContext())));
  }

  private static SpanContext context(TraceContext at) {
    String text = at.traceparent();
    return SpanContext.createFromRemoteParent(
        text.substring(3, 3 + TRACE_DIGITS),
        text.substring(SPAN_AT, FLAGS_AT - 1),
        TraceFlags.fromHex(text, FLAGS_AT),
        TraceState.getDefault());
  }

  private static TraceContext context(SpanContext of) {
    return new TraceContext(
        "00-" + of.getTraceId() + "-" + of.getSpanId() + "-" + of.getTraceFlags().asHex());
  }

  @Override
  public void close() {
    provider.shutdown().join(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * All that is done for a job is one trace, whoever does it, how often ever, and also when nobody
   * knows any more that others have: its id is made of that of the job.
   */
  private static final class Ids implements IdGenerator {
    private static final IdGenerator RANDOM = IdGenerator.random();

    private final ThreadLocal<@Nullable JobId> beginning = new ThreadLocal<>();

    Span withTrace(@Nullable JobId job, SpanBuilder builder) {
      beginning.set(job);
      try {
        return builder.startSpan();
      } finally {
        beginning.remove();
      }
    }

    @Override
    public String generateTraceId() {
      JobId job = beginning.get();
      return job == null
          ? RANDOM.generateTraceId()
          : Sha256.of(job.value().getBytes(StandardCharsets.UTF_8))
              .hex()
              .substring(0, TRACE_DIGITS);
    }

    @Override
    public String generateSpanId() {
      return RANDOM.generateSpanId();
    }
  }

  private record SpanStep(Span span, TraceContext.Scope scope) implements Step {
    @Override
    public Step with(String name, @Nullable Object value) {
      if (value != null) {
        span.setAttribute(AttributeKey.stringKey(name), String.valueOf(value));
      }
      return this;
    }

    @Override
    public void failed(@Nullable String why) {
      String words = why == null ? "" : why;
      span.setStatus(
          StatusCode.ERROR, words.length() > LONGEST ? words.substring(0, LONGEST) : words);
    }

    @Override
    public void close() {
      scope.close();
      span.end();
    }
  }
}
