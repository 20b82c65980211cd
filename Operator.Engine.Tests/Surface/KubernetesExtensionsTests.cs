using k8s.Models;

using KubeOps.Abstractions.Entities;

namespace LlmKube.Operator.Engine.Tests.Surface;

public sealed class KubernetesExtensionsTests
{
    private static readonly Barn Owner = new()
    {
        ApiVersion = "farm.dev/v1",
        Kind = "Barn",
        Metadata = new V1ObjectMeta { Name = "north", NamespaceProperty = "farm", Uid = "uid-1", ResourceVersion = "7" },
    };

    [Test]
    public void An_owner_is_added_once_however_often_it_is_set()
    {
        var pod = new V1Pod().WithOwnerReference(Owner).WithOwnerReference(Owner);

        Assert.That(pod.Metadata.OwnerReferences.Select(Text), Is.EqualTo(new[] { "farm.dev/v1 Barn north uid-1" }));
    }

    [Test]
    public void A_second_owner_stands_beside_the_first()
    {
        var other = new Barn { ApiVersion = "farm.dev/v1", Kind = "Barn", Metadata = new V1ObjectMeta { Name = "south", Uid = "uid-2" } };
        var pod = new V1Pod().WithOwnerReference(Owner).WithOwnerReference(other).WithOwnerReference(Owner);

        Assert.That(pod.Metadata.OwnerReferences.Select(owner => owner.Uid), Is.EqualTo(new[] { "uid-1", "uid-2" }));
    }

    [Test]
    public void An_owner_that_stands_there_keeps_its_flags()
    {
        var controller = Owner.MakeOwnerReference();
        controller.Controller = true;
        var pod = new V1Pod { Metadata = new V1ObjectMeta { OwnerReferences = [controller] } };

        Assert.That(pod.WithOwnerReference(Owner).Metadata.OwnerReferences.Single().Controller, Is.True);
    }

    [Test]
    public void Adding_an_owner_leaves_a_list_that_others_hold_alone()
    {
        IList<V1OwnerReference> shared = [];
        var pod = new V1Pod { Metadata = new V1ObjectMeta { OwnerReferences = shared } }.WithOwnerReference(Owner);

        Assert.That(shared, Is.Empty);
        Assert.That(pod.Metadata.OwnerReferences, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_new_reference_claims_neither_control_nor_blocking()
    {
        var reference = Owner.MakeOwnerReference();

        Assert.That((reference.Controller, reference.BlockOwnerDeletion), Is.EqualTo(((bool?)null, (bool?)null)));
    }

    [Test]
    public void An_object_from_a_list_is_referred_to_by_the_kind_of_its_class()
    {
        // The API server leaves apiVersion and kind out of list items.
        var barn = new Barn { Metadata = Owner.Metadata };
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", Uid = "uid-3" } };

        Assert.That(Text(barn.MakeOwnerReference()), Is.EqualTo("farm.dev/v1 Barn north uid-1"));
        Assert.That(Text(pod.MakeOwnerReference()), Is.EqualTo("v1 Pod p uid-3"));
    }

    [Test]
    public void An_object_reference_names_the_object_in_full()
    {
        var reference = Owner.MakeObjectReference();

        Assert.That(
            (reference.ApiVersion, reference.Kind, reference.NamespaceProperty, reference.Name, reference.Uid, reference.ResourceVersion),
            Is.EqualTo(("farm.dev/v1", "Barn", "farm", "north", "uid-1", "7")));
    }

    [Test]
    public void The_resource_version_can_be_given_or_taken_over()
    {
        Assert.That(new V1Pod().WithResourceVersion("12").Metadata.ResourceVersion, Is.EqualTo("12"));
        Assert.That(new Barn().WithResourceVersion(Owner).Metadata.ResourceVersion, Is.EqualTo("7"));
    }

    [Test]
    public void The_kind_of_a_class_is_inherited_and_may_be_missing()
    {
        Assert.That(new RedBarn().GetKubernetesEntityAttribute()?.Kind, Is.EqualTo("Barn"));
        Assert.That(new Nameless().GetKubernetesEntityAttribute(), Is.Null);
    }

    private static string Text(V1OwnerReference owner) => $"{owner.ApiVersion} {owner.Kind} {owner.Name} {owner.Uid}";

    [KubernetesEntity(Group = "farm.dev", ApiVersion = "v1", Kind = "Barn", PluralName = "barns")]
    private class Barn : CustomKubernetesEntity;

    private sealed class RedBarn : Barn;

    private sealed class Nameless : CustomKubernetesEntity;
}
