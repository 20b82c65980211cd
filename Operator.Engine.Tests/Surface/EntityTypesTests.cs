using k8s;
using k8s.Models;

using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Abstractions.LeaderElection;
using KubeOps.Abstractions.Reconciliation;

namespace LlmKube.Operator.Engine.Tests.Surface;

public sealed class EntityTypesTests
{
    [TestCase("Barn", "farm.dev", "barns", "farm.dev/v1", "barns")]
    [TestCase("Barn", null, null, "v1", "barns")]
    [TestCase("Barn", "", null, "v1", "barns")]
    [TestCase("InferenceService", "g", "InferenceServices", "g/v1", "inferenceservices")]
    public void Metadata_gives_the_names_of_a_kind(string kind, string? group, string? plural, string groupWithVersion, string pluralName)
    {
        var metadata = new EntityMetadata(kind, "v1", group, plural);

        Assert.That(
            (metadata.GroupWithVersion, metadata.PluralName, metadata.SingularName, metadata.ListKind),
            Is.EqualTo((groupWithVersion, pluralName, pluralName[..^1], kind + "List")));
    }

    [Test]
    public void A_custom_resource_travels_as_Kubernetes_JSON()
    {
        var barn = KubernetesJson.Deserialize<Barn>(
            """{"apiVersion":"farm.dev/v1","kind":"Barn","metadata":{"name":"north"},"spec":{"doors":2},"status":{"phase":"Open"}}""");

        Assert.That((barn.Kind, barn.Metadata.Name, barn.Spec.Doors, barn.Status.Phase), Is.EqualTo(("Barn", "north", 2, "Open")));
        Assert.That(KubernetesJson.Serialize(barn), Does.Contain("\"spec\":{\"doors\":2}").And.Contain("\"status\":{\"phase\":\"Open\"}"));
    }

    [Test]
    public void A_list_travels_too_and_its_items_have_no_kind()
    {
        var list = KubernetesJson.Deserialize<EntityList<Barn>>(
            """{"apiVersion":"farm.dev/v1","kind":"BarnList","metadata":{"resourceVersion":"5","continue":"more"},"items":[{"metadata":{"name":"north"}}]}""");

        Assert.That((list.Metadata.ResourceVersion, list.Metadata.ContinueProperty), Is.EqualTo(("5", "more")));
        Assert.That(list.Items.Single().Metadata.Name, Is.EqualTo("north"));
        Assert.That(list.Items.Single().Kind, Is.Null);
    }

    [Test]
    public void A_bound_that_is_not_given_is_no_bound()
    {
        Assert.That((new LengthAttribute().MinLength, new LengthAttribute(0, 9).MinLength), Is.EqualTo(((long?)null, (long?)0)));
        Assert.That((new ItemsAttribute(1).MinItems, new ItemsAttribute(1).MaxItems), Is.EqualTo(((long?)1, (long?)null)));
        Assert.That(new PropertyLimitsAttribute(maxProperties: 3).MaxProperties, Is.EqualTo(3));
    }

    [Test]
    public void Values_keep_the_type_that_they_were_written_in()
    {
        Assert.That(new DefaultValueAttribute(1).Value, Is.TypeOf<long>());
        Assert.That(new DefaultValueAttribute(1.5).Value, Is.TypeOf<double>());
        Assert.That(new DefaultValueAttribute(true).Value, Is.TypeOf<bool>());
        Assert.That(new ExampleAttribute("{}") { Json = true }.Value, Is.EqualTo("{}"));
        Assert.That(new EnumValuesAttribute(1L, 2L).Values, Is.EqualTo(new object[] { 1L, 2L }));
        Assert.That(new EnumValuesAttribute("a", "b").Values, Is.EqualTo(new object[] { "a", "b" }));
    }

    [Test]
    public void A_result_says_how_it_ended_and_when_to_look_again()
    {
        var error = new InvalidOperationException("broken");
        var done = ReconciliationResult<Barn>.Success(new Barn(), TimeSpan.FromMinutes(1));
        var failed = ReconciliationResult<Barn>.Failure(new Barn(), "no hay", error);

        Assert.That((done.IsSuccess, done.IsFailure, done.ErrorMessage, done.RequeueAfter), Is.EqualTo((true, false, (string?)null, (TimeSpan?)TimeSpan.FromMinutes(1))));
        Assert.That((failed.IsSuccess, failed.IsFailure, failed.ErrorMessage, failed.Error, failed.RequeueAfter), Is.EqualTo((false, true, "no hay", (Exception)error, (TimeSpan?)null)));
    }

    [Test]
    public async Task Without_a_selector_everything_is_selected()
    {
        Assert.That(await new DefaultEntityLabelSelector<Barn>().GetLabelSelectorAsync(CancellationToken.None), Is.Null);
        Assert.That(await new DefaultEntityFieldSelector<Barn>().GetFieldSelectorAsync(CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task A_scope_of_namespaces_answers_for_the_object_s_namespace()
    {
        var scope = new North();
        var changes = 0;
        scope.ScopeChanged += () => changes++;
        scope.Change();

        Assert.That(await scope.IsResponsibleForAsync(In("north"), CancellationToken.None), Is.True);
        Assert.That(await scope.IsResponsibleForAsync(In("south"), CancellationToken.None), Is.False);
        Assert.That(await scope.IsResponsibleForAsync(In(null), CancellationToken.None), Is.False);
        Assert.That(changes, Is.EqualTo(1));

        static Barn In(string? space) => new() { Metadata = new V1ObjectMeta { NamespaceProperty = space } };
    }

    public sealed class BarnSpec
    {
        public int Doors { get; set; }
    }

    public sealed class BarnStatus
    {
        public string? Phase { get; set; }
    }

    [KubernetesEntity(Group = "farm.dev", ApiVersion = "v1", Kind = "Barn", PluralName = "barns")]
    public sealed class Barn : CustomKubernetesEntity<BarnSpec, BarnStatus>;

    private sealed class North : NamespacedLeadershipScope
    {
        public void Change() => OnScopeChanged();

        protected override ValueTask<bool> IsResponsibleForNamespaceAsync(string? @namespace, CancellationToken cancellationToken)
            => new(@namespace == "north");
    }
}
