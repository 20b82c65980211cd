using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>What the server itself does to objects of one kind, and what it refuses. The base class is a kind without such rules.</summary>
internal class ObjectRules
{
    public static readonly ObjectRules None = new();

    /// <summary>Completes an object that is about to be created.</summary>
    public virtual void PrepareCreate(JsonObject json, RuleContext context)
    {
    }

    /// <summary>Completes the next version of an object; what it may not change is put back.</summary>
    public virtual void PrepareUpdate(JsonObject json, JsonObject old, RuleContext context)
    {
    }

    /// <summary>Completes the next version of an object's status.</summary>
    public virtual void PrepareStatus(JsonObject json, JsonObject old, RuleContext context)
    {
    }

    /// <summary>What is wrong with an object in itself.</summary>
    public virtual IEnumerable<FieldError> Validate(JsonObject json) => [];

    /// <summary>What is wrong with an object as the successor of another.</summary>
    public virtual IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old) => [];

    /// <summary>Whether something beside metadata.finalizers keeps a deleted object.</summary>
    public virtual bool HoldsDeletion(JsonObject json) => false;

    /// <summary>How many seconds an object has between its deletion and its end; null for kinds that end at once.</summary>
    public virtual long? GracePeriod(JsonObject json, long? asked) => null;

    /// <summary>Completes an object that has just been marked for deletion and stays for now.</summary>
    public virtual void PrepareDeletion(JsonObject json, RuleContext context)
    {
    }

    /// <summary>Told when an object of this kind was written or, with a null <paramref name="json"/>, removed.</summary>
    public virtual void Written(JsonObject? json, JsonObject? old, RuleContext context)
    {
    }
}
