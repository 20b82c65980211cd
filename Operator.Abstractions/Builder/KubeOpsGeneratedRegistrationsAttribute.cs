namespace KubeOps.Abstractions.Builder;

/// <summary>
/// Names the generated registrations of an assembly, so that the <c>RegisterComponents</c> of an assembly that
/// references it can call them. The generator writes it.
/// </summary>
/// <param name="controllerRegistrations">The full name of the class with <c>RegisterControllers</c>; null for none.</param>
/// <param name="finalizerRegistrations">The full name of the class with <c>RegisterFinalizers</c>; null for none.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = false, Inherited = false)]
public sealed class KubeOpsGeneratedRegistrationsAttribute(
    string? controllerRegistrations, string? finalizerRegistrations) : Attribute
{
    /// <summary>The full name of the class with <c>RegisterControllers</c>; null for none.</summary>
    public string? ControllerRegistrations { get; } = controllerRegistrations;

    /// <summary>The full name of the class with <c>RegisterFinalizers</c>; null for none.</summary>
    public string? FinalizerRegistrations { get; } = finalizerRegistrations;
}
