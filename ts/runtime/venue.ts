// Where the venue is and who we are there: from the configuration, or from the exchange in a box.

import type { VenueConfiguration } from '../config/schema.ts';
import { type Credentials, readCredentials, Secret } from '../config/secrets.ts';

/** Everything that is needed to reach a venue. */
export interface VenueAccess {
  readonly rest: string;
  readonly streams: string;
  readonly wsApi: string;
  readonly credentials: Credentials;
}

/** What `tercel venue --json` prints as its first line. */
export interface VenueAnnouncement {
  readonly rest: string;
  readonly streams: string;
  readonly ws_api: string;
  readonly api_key: string;
  readonly api_secret: string;
  readonly ed25519_private_key_pem: string;
  readonly symbols: readonly string[];
}

/** What it prints as its second line once the captures of `--replay` have been played. */
export interface ReplayEnd {
  /** How many frames that was. */
  readonly replayed: number;
}

/** Access to the venue that the configuration names. */
export function configuredVenue(venue: VenueConfiguration, warn: (message: string) => void): VenueAccess {
  const { rest, streams, ws_api: wsApi } = venue;
  if (rest === undefined || streams === undefined || wsApi === undefined) {
    throw new Error('a configuration without [exchange] was accepted without the URLs of its venue');
  }
  return { rest, streams, wsApi, credentials: readCredentials(venue, warn) };
}

/** Access to an exchange that announced itself, with the kind of key that the configuration wants. */
export function announcedVenue(announcement: VenueAnnouncement, auth: VenueConfiguration['auth']): VenueAccess {
  const apiKey = new Secret(announcement.api_key);
  return {
    rest: announcement.rest,
    streams: announcement.streams,
    wsApi: announcement.ws_api,
    credentials:
      auth === 'hmac'
        ? { auth, apiKey, apiSecret: new Secret(announcement.api_secret) }
        : { auth, apiKey, privateKeyPem: new Secret(announcement.ed25519_private_key_pem) },
  };
}
