package dev.fareway.e2e.cluster;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that are skipped where kube-apiserver can't run. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsRealApiServer.Condition.class)
@interface NeedsRealApiServer {

  /** Looks where kube-api-test does. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return ApiServers.binaries()
          .map(found -> ConditionEvaluationResult.enabled(found.toString()))
          .orElseGet(
              () ->
                  ConditionEvaluationResult.disabled(
                      "no etcd and kube-apiserver in %s, and they can't be downloaded"
                          .formatted(ApiServerBinaries.defaultFolder().resolve("k8s"))));
    }
  }
}
