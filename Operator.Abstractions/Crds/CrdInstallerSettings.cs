namespace KubeOps.Abstractions.Crds;

/// <summary>How the CRD installer treats what it finds. Made by <see cref="CrdInstallerSettingsBuilder"/>.</summary>
public sealed record CrdInstallerSettings
{
    /// <summary>Whether a CRD that exists is replaced.</summary>
    public required bool OverwriteExisting { get; init; }

    /// <summary>Whether the CRDs, and with them all objects, are deleted when the operator stops.</summary>
    public required bool DeleteOnShutdown { get; init; }
}

/// <summary>Gathers the settings of the CRD installer.</summary>
public sealed class CrdInstallerSettingsBuilder
{
    /// <summary>Whether a CRD that exists is replaced.</summary>
    public bool OverwriteExisting { get; set; }

    /// <summary>Whether the CRDs, and with them all objects, are deleted when the operator stops.</summary>
    public bool DeleteOnShutdown { get; set; }

    /// <summary>The settings as they stand.</summary>
    public CrdInstallerSettings Build()
        => new() { OverwriteExisting = OverwriteExisting, DeleteOnShutdown = DeleteOnShutdown };
}

/// <summary>Settings of the CRD installer, one after the other.</summary>
public static class CrdInstallerSettingsBuilderExtensions
{
    /// <summary>Sets <see cref="CrdInstallerSettingsBuilder.OverwriteExisting"/>.</summary>
    public static CrdInstallerSettingsBuilder WithOverwriteExisting(this CrdInstallerSettingsBuilder builder, bool value = true)
    {
        builder.OverwriteExisting = value;
        return builder;
    }

    /// <summary>Sets <see cref="CrdInstallerSettingsBuilder.DeleteOnShutdown"/>.</summary>
    public static CrdInstallerSettingsBuilder WithDeleteOnShutdown(this CrdInstallerSettingsBuilder builder, bool value = true)
    {
        builder.DeleteOnShutdown = value;
        return builder;
    }
}
