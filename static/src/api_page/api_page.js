/* global SwaggerUIBundle */
SwaggerUIBundle({
    spec: JSON.parse(document.getElementById("ghl-openapi").textContent),
    dom_id: "#ghl-api",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    persistAuthorization: false,
    // Nothing of the document leaves this server.
    validatorUrl: null,
});
