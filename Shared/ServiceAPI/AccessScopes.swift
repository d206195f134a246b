public import RPC

/// What the product's methods need of a token; whatever is not named here needs
/// ``AccessScope/admin``.
public enum AccessScopes {
    /// By service.
    public static let services: [String: AccessScope?] = [
        EncoderMethods.service: .inference, ProjectorMethods.service: .inference,
        RankerMethods.service: .inference, HealthMethods.service: .health,
        InspectionMethods.service: .admin,
    ]

    /// By method, whatever the service says.
    public static let methods: [RPCMethod: AccessScope] = [
        GatewayMethods.recommend.method: .inference,
        GatewayMethods.recommendStream.method: .inference,
        GatewayMethods.describe.method: .inference,
        GatewayMethods.upsertItems.method: .catalog,
        GatewayMethods.patchItems.method: .catalog,
        GatewayMethods.deleteItems.method: .catalog,
        GatewayMethods.getItems.method: .catalog,
        GatewayMethods.listItems.method: .catalog,
        GatewayMethods.listChanges.method: .catalog,
        GatewayMethods.appendInteractions.method: .catalog,
        GatewayMethods.getUser.method: .catalog,
        GatewayMethods.deleteUser.method: .catalog,
        GatewayMethods.listReleases.method: .admin,
        GatewayMethods.activateRelease.method: .admin,
        GatewayMethods.rollbackRelease.method: .admin,
    ]
}
