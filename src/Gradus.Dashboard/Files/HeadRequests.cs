using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Gradus.Dashboard.Files;

/// <summary>HEAD wherever there is GET: the same answer, of which the server sends no body.</summary>
internal static class HeadRequests
{
    /// <summary>Lets endpoints answer it.</summary>
    public static T WithHead<T>(this T endpoints)
        where T : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint =>
        {
            if (endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is { HttpMethods: var methods } && methods.Contains("GET") && !methods.Contains("HEAD"))
                endpoint.Metadata.Add(new HttpMethodMetadata([.. methods, "HEAD"]));
        });
        return endpoints;
    }
}
