namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>The custom resource of the conformance tests: a bit of each thing that a schema can say.</summary>
internal static class WidgetDefinition
{
    public static string Json(string group) => """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.GROUP"},
         "spec":{"group":"GROUP","scope":"Namespaced",
          "names":{"plural":"widgets","kind":"Widget","shortNames":["wd"],"categories":["toys"]},
          "versions":[
           {"name":"v1","served":true,"storage":true,
            "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}},
            "additionalPrinterColumns":[
             {"name":"Size","type":"string","jsonPath":".spec.size"},
             {"name":"Count","type":"integer","jsonPath":".spec.replicas","priority":1},
             {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
             {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
            "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
             "spec":{"type":"object","description":"What is wanted of a widget.","required":["min"],"properties":{
              "min":{"type":"integer","minimum":1,"maximum":10},
              "replicas":{"type":"integer","default":1},
              "size":{"type":"string","default":"small","enum":["small","large"]},
              "name":{"type":"string","pattern":"^[a-z]+$","maxLength":5},
              "note":{"type":"string","nullable":true},
              "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
              "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
              "tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
              "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
               "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"number":{"type":"integer"},"protocol":{"type":"string","default":"TCP"}}}},
              "labels":{"type":"object","additionalProperties":{"type":"string"}}}},
             "status":{"type":"object","properties":{
              "ready":{"type":"boolean"},"replicas":{"type":"integer"},"selector":{"type":"string"},
              "conditions":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}}}}}},
           {"name":"v1beta1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """.Replace("GROUP", group, StringComparison.Ordinal);
}
