namespace KubeOps.Abstractions.Rbac;

/// <summary>What may be done.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Everything. KubeOps writes <c>*</c>; our command line spells out the seven verbs of this list, as <see cref="AllExplicit"/> does.</summary>
    All = 1,

    /// <summary>Read one.</summary>
    Get = 2,

    /// <summary>Read many.</summary>
    List = 4,

    /// <summary>Be told of changes.</summary>
    Watch = 8,

    /// <summary>Create.</summary>
    Create = 16,

    /// <summary>Replace.</summary>
    Update = 32,

    /// <summary>Change in part, and server-side apply.</summary>
    Patch = 64,

    /// <summary>Delete.</summary>
    Delete = 128,

    /// <summary>Each verb of this list by name, in the place of <c>*</c>.</summary>
    AllExplicit = 256,
}
