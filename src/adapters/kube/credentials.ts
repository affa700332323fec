/** How to reach one apiserver and as whom. Holds secrets: never print it. */
export interface KubeCredentials {
  /** Authorities that may sign the apiserver's certificate; null trusts the system's. */
  readonly caPem: string | null;
  /** The name the certificate must carry; null takes the host of the server's URL. */
  readonly serverName: string | null;
  /** True accepts any server certificate: only where a person asked for it. */
  readonly insecure: boolean;
  readonly certPem: string | null;
  readonly keyPem: string | null;
  /** The whole value of the Authorization header; null when the client certificate says who we are. */
  readonly authorization: string | null;
}
